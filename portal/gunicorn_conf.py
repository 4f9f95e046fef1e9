"""gunicorn, the same in a trial and in a container; the address is given on the command line."""

import os

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 6
# The request log is Django's (portal.logs); gunicorn says only what goes wrong.
accesslog = None
loglevel = "warning"
# Nobody steers it from outside, so it need not open a socket in the home folder for that.
control_socket_disable = True
