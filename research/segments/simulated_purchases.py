"""Made-up purchases for a study without a table of them; they say so wherever they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.numerics.arrays import Vector
from research.provenance import stream
from research.questionnaire.definition import Questionnaire
from research.responses.nouns import Responses
from research.segments.inputs import checked_number, column_of, segment_frame, whole_number
from research.segments.transactions import one_day
from research.simulation.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd

NOTE = "Simulated purchases: drawn from a score of loyalty; nobody bought anything."


def simulate_transactions(
    data: object,
    n: int | None = None,
    seed: int = 1,
    *,
    loyalty: str = "loyalty",
    start: object = "2024-01-01",
    days: int = 730,
    a_month: float = 1.0,
    stay: float = 18.0,
    spend: float = 100.0,
    effect: float = 0.5,
) -> pd.DataFrame:
    """Purchases `customer date amount` that depend on each customer's score of `loyalty`.

    `data`: a Questionnaire (`n` respondents are simulated from its population), Responses, or a frame with
    the column `loyalty`; the customer is the `respondent_id`, or c1, c2, ... With z the standardized score:
    the customer begins on a day drawn evenly over the first half of `days`; stays an exponential time with
    mean `stay` exp(effect z) months; buys on the first day and then at a rate of gamma(2)/2 `a_month`
    exp(effect z) a month (so that frequencies vary as in the negative binomial: Ehrenberg 1959, Applied
    Statistics 8); each time for a log-normal amount with median `spend` exp(effect z / 2), spread 0.4.

    The frame's `attrs` say that it is simulated, and every result made from it does. The same seed gives the
    same purchases; a customer without a score has none.

    >>> import pandas as pd
    >>> sales = simulate_transactions(pd.DataFrame({"loyalty": [1.0, 4.0, 5.0]}), seed=2)
    >>> sales.columns.tolist(), sales.attrs["simulated"]
    (['customer', 'date', 'amount'], True)
    """
    import pandas as pd

    days = whole_number("days", days, 2)
    seed = whole_number("seed", seed, 0)
    rate, life, middle = (
        checked_number(name, value, 1e-6, 1e9)
        for name, value in (("a_month", a_month), ("stay", stay), ("spend", spend))
    )
    pull = checked_number("effect", effect, -5.0, 5.0)
    names, score = _scores(data, n, seed, loyalty)
    first = one_day(start, "start")
    spread = float(score.std())
    z = (score - score.mean()) / spread if spread > 0 else np.zeros(len(score))
    count = len(z)
    begin = stream(seed, "purchases/begin").uniform(0, days / 2, count)
    months = stream(seed, "purchases/stay").exponential(1.0, count) * life * np.exp(pull * z)
    gone = np.minimum(begin + months * 30.4375, days)
    taste = stream(seed, "purchases/rate").gamma(2.0, 0.5, count)
    expected = taste * rate * np.exp(pull * z) * (gone - begin) / 30.4375
    number = 1 + stream(seed, "purchases/number").poisson(np.minimum(expected, 1e5))
    who = np.repeat(np.arange(count), number)
    place = stream(seed, "purchases/day").random(len(who))
    place[np.cumsum(number) - number] = 0.0  # everybody buys on the first day
    day = np.floor(begin[who] + place * (gone - begin)[who]).astype(np.int64)
    noise = stream(seed, "purchases/amount").normal(0.0, 0.4, len(who))
    amount = np.round(middle * np.exp(pull * z[who] / 2 + noise), 2)
    frame = pd.DataFrame(
        {
            "customer": np.array(names, dtype=object)[who],
            "date": first + pd.to_timedelta(np.minimum(day, days - 1), unit="D"),
            "amount": amount,
        }
    )
    frame = frame.sort_values(["date", "customer"], kind="stable", ignore_index=True)
    frame.attrs.update(simulated=True, note=NOTE, seed=seed)
    return frame


def _scores(data: object, n: int | None, seed: int, loyalty: str) -> tuple[list[str], Vector]:
    """Customers and their scores of loyalty; those without one are left out."""
    if isinstance(data, Questionnaire):
        known = [construct.name for construct in data.constructs]
        if loyalty not in known:
            raise DataError(
                f"'{data.name}' has no construct '{loyalty}'.{did_you_mean(loyalty, known)} It has "
                f"{', '.join(known)}."
            )
        data = simulate(data, n, seed)
    elif n is not None:
        raise OptionError("n is for a questionnaire; a frame or Responses bring their own customers.")
    frame = segment_frame(data)
    score = column_of(frame, loyalty)
    kept = np.flatnonzero(np.isfinite(score))
    if isinstance(data, Responses) and "respondent_id" in frame:
        labels = [str(value) for value in frame["respondent_id"].tolist()]
        if len(set(labels)) == len(labels):
            return [labels[at] for at in kept], score[kept]
    return [f"c{at + 1}" for at in kept], score[kept]
