"""Whatever a cell may hold, and what looks nearly right."""

from hypothesis import strategies as st

CHINESE = "张三李四·年月日第一二〇（）()〔〕[]【】、，,;；\n \u3000.．/-—0123456789０１９是否无立案\u200b\ufeff\U00020000Aé\u0301"
any_cell = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.text(CHINESE),
    st.from_regex(r"[12]\d{3}[-年/.]\d{1,2}[-月/.]?\d{0,2}日?", fullmatch=True),
    st.from_regex(r"[+0-9() -]{3,16}", fullmatch=True),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)
