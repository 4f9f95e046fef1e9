"""The headings under which the figures stand, in the order of the page."""

DEPUTIES = "代表"
DUTIES = "履职"
TRAINING = "培训"
STATIONS = "联络站与接待"
PROPOSALS = "建议议案"
HANDLING = "办理结果"
RATINGS = "代表评价"
COMMITMENTS = "承诺落实"
APPOINTMENTS = "人事任免"

HEADINGS = (DEPUTIES, PROPOSALS, HANDLING, RATINGS, COMMITMENTS, DUTIES, TRAINING, STATIONS, APPOINTMENTS)
