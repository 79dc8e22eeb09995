"""What a fitted measurement model says of its constructs: the numbers that belong to its own loadings.

`reliability` fits a model of its own, by maximum likelihood on complete rows. A paper that prints the
loadings of another model (ordered categories, incomplete rows, second-order constructs) prints these numbers
beside them, so that a reader who computes CR and AVE from the table of loadings finds what is printed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.measurement.reliability import reliability
from research.numerics import factor_reliability as factors

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit
    from research.measurement.inputs import Constructs


def reliability_of_fit(data: object, fit: Fit, constructs: Constructs) -> pd.DataFrame:
    """`reliability` of the answers, with `cr` and `ave` (and their intervals dropped) from `fit`'s loadings.

    One row a construct, in the order of `constructs`; then one for each second-order construct of the model,
    of which only `n_items` (its components), `cr` and `ave` are known. `ordered`: whether the loadings are of
    variables behind ordered answers.
    """
    import pandas as pd

    answers = reliability(data, constructs)
    answers = answers.drop(columns=["cr_low", "cr_high", "ave_low", "ave_high", "ave_weighted"])
    own = composite_quantities(fit).set_index("construct")
    for name in ("cr", "ave"):
        answers[name] = own[name].reindex(answers["construct"]).to_numpy()
    above = own.drop(index=[name for name in own.index if name in set(answers["construct"])])
    second = above.reset_index().assign(note="") if len(above) else None
    ordered = any(each.op == "|" for each in fit.table.parameters)
    frame = answers if second is None else pd.concat([answers, second], ignore_index=True)
    return frame.set_index(frame["construct"].astype(str)).assign(ordered=ordered)


def composite_quantities(fit: Fit) -> pd.DataFrame:
    """`construct n_items cr ave` of every latent variable, from its completely standardized loadings.

    Of ordered items both are of the continuous variables behind the answers. A variable of one indicator has
    neither (NaN), and so has one with a loading beyond 1. A second-order construct is taken as measured by
    its components. `DataError`: a fit of several groups, where each has its own loadings.
    """
    import pandas as pd

    _check_one_group(fit)
    rows = fit.standardized()
    rows = rows[rows["op"] == "=~"]
    found = []
    for name, part in rows.groupby("lhs", sort=False):
        loadings = part["estimate"].to_numpy(dtype=np.float64)
        proper = len(loadings) > 1 and bool((np.abs(loadings) <= 1).all())
        cr = factors.composite_reliability(loadings) if proper else np.nan
        ave = factors.average_variance_extracted(loadings) if proper else np.nan
        found.append((str(name), len(loadings), cr, ave))
    return pd.DataFrame(found, columns=["construct", "n_items", "cr", "ave"])


def construct_correlations(fit: Fit, names: Iterable[str]) -> pd.DataFrame:
    """Correlations of latent variables that the model implies, square, in the order of `names`.

    Those that the model does not have are left out. `DataError`: a fit of several groups.
    """
    import pandas as pd

    _check_one_group(fit)
    known = fit.compiled.names_of(0)
    kept = [name for name in names if name in known]
    at = [known.index(name) for name in kept]
    covariance = fit.implied_blocks[0].V[np.ix_(at, at)]
    sd = np.sqrt(np.diag(covariance))
    return pd.DataFrame(covariance / np.outer(sd, sd), index=kept, columns=kept)


def _check_one_group(fit: Fit) -> None:
    if fit.n_groups > 1:
        raise DataError(f"the model has {fit.n_groups} groups, each with its own loadings; fit one group.")
