# Shared by the scripts: the virtual environment. Messages go to stderr; stdout belongs to the command.
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
environment="$repository/.venv"
python="$environment/bin/python"
stamp="$environment/.requirements"
cd "$repository"
export PYTHONUNBUFFERED=1 PYTHONUTF8=1

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# prepare FILE…: a virtual environment with the packages that these lock files name. Quick when nothing changed.
prepare() {
  prepared "$@" && return
  mkdir -p "$repository/var"
  if command -v flock >/dev/null; then
    exec 9>"$repository/var/.install.lock"
    flock 9 # Another run may be installing: it does our work too.
    prepared "$@" || install_packages "$@"
    exec 9>&-
  else
    install_packages "$@"
  fi
}

prepared() {
  local file
  [ -x "$python" ] || return 1
  for file in "$@"; do
    grep -qxF "$(cksum "$file")" "$stamp" 2>/dev/null || return 1
  done
}

install_packages() {
  local file
  [ -x "$python" ] || make_environment
  for file in "$@"; do
    if ! grep -qxF "$(cksum "$file")" "$stamp" 2>/dev/null; then
      say "正在安装 $file 中的软件包……"
      "$python" -m pip install --quiet --no-input --disable-pip-version-check --require-hashes -r "$file" >&2 ||
        die "软件包没有装上（见上面的原因）。检查网络或软件源后再运行一次即可。"
    fi
  done
  cksum requirements.txt >"$stamp.new"
  for file in "$@"; do cksum "$file"; done | sort -u - "$stamp.new" >"$stamp.all"
  rm "$stamp.new"
  mv "$stamp.all" "$stamp"
}

make_environment() {
  local base
  base=$(find_python) || die "需要 Python 3.11 或更高版本，本机没有找到。装好后再运行；装在别处的用 PYTHON=路径 指明。"
  say "正在用 $("$base" --version) 建立运行环境 .venv ……"
  if ! "$base" -c 'import ensurepip, venv' 2>/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y python3-venv >&2
  fi
  if "$base" -c 'import ensurepip, venv' 2>/dev/null; then
    "$base" -m venv --clear "$environment" >&2
  elif "$base" -c 'import virtualenv' 2>/dev/null; then
    "$base" -m virtualenv --quiet --clear "$environment" >&2
  else
    die "这个 Python 缺少 venv 模块。Debian、Ubuntu 上请让管理员安装 python3-venv 后再运行。"
  fi
}

# Prints the first Python that is new enough.
find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.{14..11} python "${HOME:-}"/.pyenv/versions/3.1[1-4]*/bin/python3; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}
