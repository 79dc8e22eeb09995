"""The words that each option takes, and how a given value is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, cast

from research.errors import OptionError, did_you_mean

Discrepancy = Literal["ML", "GLS", "ULS", "WLS", "DWLS"]


class Estimator(NamedTuple):
    """What an estimator's name stands for: the discrepancy and its default inference."""

    discrepancy: Discrepancy
    se: str
    test: str
    information: str


# lavaan's help page `lavOptions`, entry "estimator".
ESTIMATORS: dict[str, Estimator] = {
    "ML": Estimator("ML", "standard", "standard", "expected"),
    "GLS": Estimator("GLS", "standard", "standard", "expected"),
    "ULS": Estimator("ULS", "standard", "standard", "expected"),
    "WLS": Estimator("WLS", "standard", "standard", "expected"),
    "DWLS": Estimator("DWLS", "standard", "standard", "expected"),
    "MLR": Estimator("ML", "robust_huber_white", "yuan_bentler_mplus", "observed"),
    "MLM": Estimator("ML", "robust_sem", "satorra_bentler", "expected"),
    "MLMV": Estimator("ML", "robust_sem", "scaled_shifted", "expected"),
    "MLMVS": Estimator("ML", "robust_sem", "mean_var_adjusted", "expected"),
    "MLF": Estimator("ML", "standard", "standard", "first_order"),
    "WLSM": Estimator("DWLS", "robust_sem", "satorra_bentler", "expected"),
    "WLSMV": Estimator("DWLS", "robust_sem", "scaled_shifted", "expected"),
    "WLSMVS": Estimator("DWLS", "robust_sem", "mean_var_adjusted", "expected"),
    "ULSM": Estimator("ULS", "robust_sem", "satorra_bentler", "expected"),
    "ULSMV": Estimator("ULS", "robust_sem", "scaled_shifted", "expected"),
    "ULSMVS": Estimator("ULS", "robust_sem", "mean_var_adjusted", "expected"),
}

# Canonical value -> other spellings of it.
_MISSING = {
    "listwise": (),
    "fiml": ("ml", "direct"),
    "fiml_x": ("ml_x", "direct_x"),
    "two_stage": ("twostage", "two_step"),
    "robust_two_stage": (),
    "pairwise": ("available_cases",),
}
_SE = {
    "standard": (),
    "robust": (),
    "robust_sem": ("robust_mlm",),
    "robust_huber_white": ("robust_mlr",),
    "robust_cluster": (),
    "robust_cluster_sem": (),
    "two_stage": (),
    "robust_two_stage": (),
    "first_order": (),
    "bootstrap": ("boot",),
    "none": (),
}
_TEST = {
    "standard": (),
    "satorra_bentler": ("sb",),
    "yuan_bentler": ("yb",),
    "yuan_bentler_mplus": ("yb_mplus",),
    "mean_var_adjusted": ("satterthwaite",),
    "scaled_shifted": (),
    "bollen_stine": ("bootstrap", "boot"),
    "browne_residual_adf": ("browne",),
    "browne_residual_nt": (),
    "browne_residual_nt_model": (),
    "none": (),
}
SCALED_TESTS = (
    "satorra_bentler",
    "yuan_bentler",
    "yuan_bentler_mplus",
    "mean_var_adjusted",
    "scaled_shifted",
)
_GROUP_EQUAL = (
    "loadings",
    "composite_loadings",
    "intercepts",
    "means",
    "residuals",
    "residual_covariances",
    "lv_variances",
    "lv_covariances",
    "regressions",
    "thresholds",
)
_BOUNDS = ("none", "default", "standard", "pos_var", "pos_ov_var", "pos_lv_var", "wide")
_ROTATIONS = ("none", "geomin", "oblimin", "quartimin", "varimax", "quartimax", "promax")
_ROTATION_ARGS = (
    "orthogonal",
    "geomin_epsilon",
    "oblimin_gamma",
    "promax_kappa",
    "rstarts",
    "row_weights",
    "std_ov",
    "order_lv_by",
    "reflect",
    "max_iter",
    "tol",
)

Argument = bool | int | float | str  # of a rotation


def read_value(name: str, value: object) -> object:
    """The checked value of the option `name`, canonically spelt; an `OptionError` lists what is allowed.

    >>> read_value("se", "robust.huber.white")
    'robust_huber_white'
    """
    return _READERS[name](name, value)


def _word(*allowed: str) -> Callable[[str, object], str]:
    return _choice(dict.fromkeys(allowed, ()))


def _choice(allowed: Mapping[str, tuple[str, ...]]) -> Callable[[str, object], str]:
    """A reader of one word, in any case, with dots or underscores."""
    known = {alias.lower(): name for name, aliases in allowed.items() for alias in (name, *aliases)}

    def read(name: str, value: object) -> str:
        word = value.strip().lower().replace(".", "_").replace("-", "_") if isinstance(value, str) else None
        if word not in known:
            raise _unknown(name, value, allowed)
        return known[word]

    return read


def _unknown(name: str, value: object, allowed: Iterable[str]) -> OptionError:
    listed = tuple(allowed)
    hint = did_you_mean(value.replace(".", "_"), listed) if isinstance(value, str) else ""
    return OptionError(f"unknown value {value!r} of option '{name}'; allowed are {', '.join(listed)}.{hint}")


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise OptionError(f"option '{name}' is True or False, not {value!r}")


def _count(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < (0 if name == "seed" else 1):
        raise OptionError(f"option '{name}' is a whole number above 0, not {value!r}")
    return value


def _column(name: str, value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise OptionError(f"option '{name}' is the name of one column, not {value!r}")


def _texts(name: str, value: object) -> tuple[str, ...]:
    """One string or several."""
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        items = tuple(value)
        if all(isinstance(one, str) for one in items):
            return cast(tuple[str, ...], items)
    raise OptionError(f"option '{name}' takes a string or a list of strings, not {value!r}")


def _several(allowed: Mapping[str, tuple[str, ...]]) -> Callable[[str, object], tuple[str, ...]]:
    one = _choice(allowed)

    def read(name: str, value: object) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one(name, word) for word in _texts(name, value)))

    return read


def _ordered(name: str, value: object) -> tuple[str, ...] | bool:
    if isinstance(value, Sequence) and len(value) == 1 and isinstance(value[0], bool):
        value = value[0]
    return value if isinstance(value, bool) else _texts(name, value)


def _effect_coding(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("loadings", "intercepts") if value else ()
    return _several({"loadings": (), "intercepts": ()})(name, value)


def _bounds(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "default" if value else "none"
    return _word(*_BOUNDS)(name, value)


def _arguments(name: str, value: object) -> dict[str, Argument]:
    """The arguments of a rotation, by name."""
    if not isinstance(value, Mapping):
        raise OptionError(f"option '{name}' is a dict such as {{'geomin_epsilon': 0.01}}, not {value!r}")
    out: dict[str, Argument] = {}
    for key, argument in value.items():
        word = str(key).replace(".", "_")
        if word not in _ROTATION_ARGS:
            raise _unknown(name, word, _ROTATION_ARGS)
        if not isinstance(argument, Argument):
            raise OptionError(
                f"argument '{word}' of option '{name}' is a number, a word or True/False, not {argument!r}"
            )
        out[word] = argument
    return out


_READERS: dict[str, Callable[[str, object], object]] = {
    "estimator": _choice(dict.fromkeys(ESTIMATORS, ())),
    "missing": _choice(_MISSING),
    "ordered": _ordered,
    "group": _column,
    "group_equal": _several(dict.fromkeys(_GROUP_EQUAL, ())),
    "group_partial": _texts,
    "std_lv": _flag,
    "orthogonal": _flag,
    "meanstructure": _flag,
    "fixed_x": _flag,
    "likelihood": _word("normal", "wishart"),
    "information": _word("expected", "observed", "first_order"),
    "se": _choice(_SE),
    "test": _several(_TEST),
    "bootstrap": _count,
    "parameterization": _word("delta", "theta"),
    "effect_coding": _effect_coding,
    "bounds": _bounds,
    "cluster": _column,
    "sampling_weights": _column,
    "sample_cov_rescale": _flag,
    "rotation": _word(*_ROTATIONS),
    "rotation_args": _arguments,
    "rotation_se": _word("bordered", "delta"),
    "max_iter": _count,
    "seed": _count,
}
