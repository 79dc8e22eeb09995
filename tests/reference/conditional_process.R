# What lm(), glm() and predictions by hand give for the models of conditional process analysis.
# Nothing here knows a coefficient by its name: an effect is what a prediction changes by when its source
# moves by one, so that products, codings and orders of terms cannot be confused.
# Run:  Rscript conditional_process.R       writes conditional_process.csv and conditional_process.json.gz
suppressMessages({library(sandwich); library(jsonlite); library(boot)})
set.seed(20161)
n <- 160
pick <- function(levels, p = NULL) sample(levels, n, TRUE, p)
d <- data.frame(
  x = round(rnorm(n, 4, 1.2), 2), w = round(rnorm(n, 3, 1), 2), z = round(rgamma(n, 3), 2),
  c1 = round(rnorm(n, 40, 11)), c2 = pick(0:1), xb = pick(0:1), wb = pick(1:2), zb = pick(0:1),
  xg = pick(c("app", "shop", "web")), wg = pick(c("high", "low", "mid", "none"), c(.3, .3, .25, .15)))
effect_x <- c(app = 0, shop = .5, web = -.3)[d$xg]; effect_w <- c(high = .4, low = -.2, mid = 0, none = .3)[d$wg]
d$m1 <- round(.4 * d$x + .3 * d$xb + effect_x + .1 * d$x * d$w + effect_w * d$x + .01 * d$c1 + rnorm(n), 3)
d$m2 <- round(.2 * d$x + .3 * d$m1 - .2 * d$xb * d$wb + .1 * d$z * d$x + rnorm(n, 0, 1.5), 3)
d$m3 <- round(.3 * d$m2 - .2 * d$m1 + .1 * d$x + rnorm(n), 3)
d$y <- round(.2 * d$x + .3 * d$m1 + .2 * d$m2 + .2 * d$m3 + .08 * d$m1 * d$z - .1 * d$x * d$w + .02 * d$c1 +
             .3 * d$c2 + effect_x + exp(.25 * d$x) * rnorm(n, 0, .5), 3)
d$bought <- as.integer(.4 * d$m1 + .3 * d$m2 - .2 * d$x * d$w + .3 * d$xb + rlogis(n) * 1.2 > median(.4 * d$m1 + .3 * d$m2 - .2 * d$x * d$w))
write.csv(d, "conditional_process.csv", row.names = FALSE)

# ---- codings, by hand: one row a category -----------------------------------------------------------------
codings <- list(
  indicator3 = rbind(c(0, 0), c(1, 0), c(0, 1)),
  sequential3 = rbind(c(0, 0), c(1, 0), c(1, 1)),
  helmert3 = rbind(c(-2/3, 0), c(1/3, -1/2), c(1/3, 1/2)),
  effect3 = rbind(c(-1, -1), c(1, 0), c(0, 1)),
  indicator4 = rbind(c(0, 0, 0), c(1, 0, 0), c(0, 1, 0), c(0, 0, 1)),
  sequential4 = rbind(c(0, 0, 0), c(1, 0, 0), c(1, 1, 0), c(1, 1, 1)),
  helmert4 = rbind(c(-3/4, 0, 0), c(1/4, -2/3, 0), c(1/4, 1/3, -1/2), c(1/4, 1/3, 1/2)),
  effect4 = rbind(c(-1, -1, -1), c(1, 0, 0), c(0, 1, 0), c(0, 0, 1)))

# ---- the paths that a model moderates: x -> m, m -> y, x -> y (Hayes 2022, appendix A) ----------------------
# "" unmoderated, "w", "z", "wz" two-way with each, "w*z" three-way; "-" no mediators; "s" serial
table <- list(
  "1" = c("-", "", "w"), "2" = c("-", "", "wz"), "3" = c("-", "", "w*z"), "4" = c("", "", ""),
  "5" = c("", "", "w"), "6" = c("s", "", ""), "7" = c("w", "", ""), "8" = c("w", "", "w"),
  "9" = c("wz", "", ""), "10" = c("wz", "", "wz"), "11" = c("w*z", "", ""), "12" = c("w*z", "", "w*z"),
  "13" = c("w*z", "", "w"), "14" = c("", "w", ""), "15" = c("", "w", "w"), "16" = c("", "wz", ""),
  "17" = c("", "wz", "wz"), "18" = c("", "w*z", ""), "19" = c("", "w*z", "w*z"), "20" = c("", "w*z", "w"),
  "21" = c("w", "z", ""), "22" = c("w", "z", "w"), "28" = c("w", "z", "z"), "29" = c("w", "z", "wz"),
  "58" = c("w", "w", ""), "59" = c("w", "w", "w"), "72" = c("w*z", "w*z", ""), "73" = c("w*z", "w*z", "w*z"),
  "75" = c("wz", "wz", ""), "76" = c("wz", "wz", "wz"))

logit <- function(f, data) {                        # once more from its end: glm() keeps the weights of the step before
  strict <- list(epsilon = 1e-14, maxit = 100)
  start <- coef(glm(f, binomial, data, control = strict))
  environment(f) <- environment()
  glm(f, binomial, data, control = strict, start = start)
}

by_hand <- function(case) {
  data <- d
  columns <- function(role) {                       # the columns of a variable, those of categories made here
    name <- case[[role]]
    if (is.null(name)) return(character())
    kind <- case$categorical[[name]]
    if (is.null(kind)) return(name)
    levels <- sort(unique(d[[name]])); M <- codings[[paste0(kind, length(levels))]]
    made <- paste0(role, "_", seq_len(ncol(M)))
    for (j in seq_along(made)) data[[made[j]]] <<- M[match(d[[name]], levels), j]
    made
  }
  X <- columns("x"); W <- columns("w"); Z <- columns("z")
  plan <- table[[as.character(case$model)]]
  m <- unlist(case[["m"]]); y <- case$y; cov <- unlist(case$covariates)
  if (isTRUE(case$center)) {                        # every number that enters a product
    inside <- character()
    for (p in plan) if (nchar(p) && p %in% c("w", "z", "wz", "w*z")) inside <- c(inside, if (grepl("w", p)) W, if (grepl("z", p)) Z)
    if (plan[1] %in% c("w", "z", "wz", "w*z") || plan[3] != "") inside <- c(inside, X)
    if (plan[2] != "") inside <- c(inside, m)
    for (v in unique(inside)) if (v %in% names(d)) data[[v]] <- data[[v]] - mean(data[[v]])
  }
  sum_of <- function(v) paste0("(", paste(v, collapse = " + "), ")")
  term <- function(source, by) if (by %in% c("", "s", "-")) sum_of(source) else switch(by,
    w = paste(sum_of(source), "*", sum_of(W)), z = paste(sum_of(source), "*", sum_of(Z)),
    wz = paste(sum_of(source), "*", sum_of(W), "+", sum_of(source), "*", sum_of(Z)),
    "w*z" = paste(sum_of(source), "*", sum_of(W), "*", sum_of(Z)))
  formulas <- list()
  for (i in seq_along(m))
    formulas[[m[i]]] <- paste(c(term(X, plan[1]), if (plan[1] == "s" && i > 1) m[seq_len(i - 1)], cov), collapse = " + ")
  formulas[[y]] <- paste(c(term(X, plan[3]), if (length(m)) term(m, plan[2]), cov), collapse = " + ")
  logistic <- isTRUE(all(sort(unique(d[[y]])) == 0:1)) && is.null(case$family)
  fits <- list()
  for (o in names(formulas)) {
    f <- as.formula(paste(o, "~", formulas[[o]]))
    fits[[o]] <- if (o == y && logistic) logit(f, data) else lm(f, data)
  }
  V <- lapply(fits, function(f) if (case$cov_type == "nonrobust" || inherits(f, "glm")) vcov(f) else vcovHC(f, type = case$cov_type))
  df <- lapply(fits, function(f) if (inherits(f, "glm")) Inf else f$df.residual)

  # probes: each value of each moderator as values of its columns
  probes_of <- function(role, cols) {
    name <- case[[role]]; if (is.null(name)) return(list(NULL))
    if (!is.null(case$categorical[[name]])) {
      levels <- sort(unique(d[[name]])); M <- codings[[paste0(case$categorical[[name]], length(levels))]]
      return(lapply(seq_along(levels), function(i) setNames(as.list(M[i, ]), cols)))
    }
    v <- data[[name]]; u <- sort(unique(v))
    at <- if (length(u) == 2) u else if (identical(case$probe, "sd")) pmin(pmax(mean(v) + c(-1, 0, 1) * sd(v), min(v)), max(v))
          else quantile(v, c(.16, .5, .84), type = 6, names = FALSE)
    lapply(at, function(a) setNames(list(a), cols))
  }
  PW <- probes_of("w", W); PZ <- probes_of("z", Z)

  row <- function(o, values) {                      # a row of the design at values; what is not given is 0
    new <- data[1, , drop = FALSE]
    for (v in all.vars(formula(fits[[o]]))[-1]) new[[v]] <- 0
    for (v in names(values)) new[[v]] <- values[[v]]
    model.matrix(delete.response(terms(fits[[o]])), new)[1, ]
  }
  slope <- function(s, o, at) row(o, c(at, setNames(list(1), s))) - row(o, c(at, setNames(list(0), s)))
  effect_of <- function(s, o, at) { r <- slope(s, o, at); c(sum(r * coef(fits[[o]])), sqrt(drop(r %*% V[[o]] %*% r))) }
  tested <- function(e, df) { t <- e[1] / e[2]; q <- qt(.975, df); c(e, t, 2 * pt(-abs(t), df), e[1] - q * e[2], e[1] + q * e[2]) }

  has <- function(p, letter) grepl(letter, p) && p != "s" && p != "-"
  moderators <- function(steps) { p <- paste(plan[steps], collapse = ""); c(if (has(p, "w") ) "w", if (has(p, "z")) "z") }
  grid <- function(mods) {
    out <- list()
    for (a in if ("w" %in% mods) PW else list(NULL)) for (b in if ("z" %in% mods) PZ else list(NULL)) out <- c(out, list(c(a, b)))
    out
  }
  paths <- list()
  if (plan[1] == "s") {
    for (k in seq_along(m)) for (chosen in combn(seq_along(m), k, simplify = FALSE)) paths[[length(paths) + 1]] <- m[chosen]
  } else for (one in m) paths[[length(paths) + 1]] <- one
  result <- list(coef = lapply(names(fits), function(o) {
    e <- coef(fits[[o]]); s <- sqrt(diag(V[[o]])); unname(e); cbind(e, s, deparse.level = 0)
  }), r2 = vapply(fits, function(f) if (inherits(f, "glm")) NA else summary(f)$r.squared, 0), names = NULL)
  result$coef <- lapply(seq_along(fits), function(i) { a <- result$coef[[i]]; unname(a[order(a[, 1]), , drop = FALSE]) })
  result$coef <- setNames(result$coef, names(fits))
  result$direct <- list(); result$indirect <- list(); result$index <- list(); result$contrast <- list(); result$sobel <- list()
  for (s in X) {
    for (at in grid(moderators(3))) result$direct[[length(result$direct) + 1]] <- tested(effect_of(s, y, at), df[[y]])
    for (p in paths) {
      mods <- if (plan[1] == "s") character() else moderators(1:2)
      value <- function(at) { chain <- c(s, p, y); prod(vapply(seq_along(chain)[-1], function(i) effect_of(chain[i - 1], chain[i], at)[1], 0)) }
      found <- vapply(grid(mods), value, 0)
      result$indirect[[length(result$indirect) + 1]] <- found
      if (length(p) == 1) result$sobel[[length(result$sobel) + 1]] <- vapply(grid(mods), function(at) {
        a <- effect_of(s, p, at); b <- effect_of(p, y, at)
        sqrt(a[1]^2 * b[2]^2 + b[1]^2 * a[2]^2 + a[2]^2 * b[2]^2) }, 0)
      if (length(found) > 1) for (i in seq_along(found)) for (j in seq_along(found)) if (j > i)
        result$contrast[[length(result$contrast) + 1]] <- found[j] - found[i]
      # the index: how the indirect effect changes with one unit of a moderator that it is linear in
      for (letter in mods) if (has(plan[1], letter) != has(plan[2], letter)) {
        own <- if (letter == "w") W else Z; other <- setdiff(mods, letter)
        step <- plan[if (has(plan[1], letter)) 1 else 2]
        depends <- length(other) && (grepl("\\*", step) || has(plan[if (has(plan[1], letter)) 2 else 1], other))
        for (column in own) for (at in if (depends) grid(other) else list(NULL))
          result$index[[length(result$index) + 1]] <- value(c(at, setNames(list(1), column))) - value(c(at, setNames(list(0), column)))
      }
      if (all(c("w", "z") %in% mods) && has(plan[1], "w") != has(plan[2], "w") && has(plan[1], "z") != has(plan[2], "z")) {
        one_step <- plan[1] %in% c("wz", "w*z") || plan[2] %in% c("wz", "w*z")
        if (!one_step || "w*z" %in% plan[1:2]) for (a in W) for (b in Z) {
          v <- function(i, j) value(setNames(list(i, j), c(a, b)))
          result$index[[length(result$index) + 1]] <- v(1, 1) - v(1, 0) - v(0, 1) + v(0, 0)
        }
      }
    }
  }
  if (plan[1] %in% c("", "s") && all(plan[2:3] == "") && !logistic) {
    f <- lm(as.formula(paste(y, "~", paste(c(X, cov), collapse = " + "))), data)
    v <- if (case$cov_type == "nonrobust") vcov(f) else vcovHC(f, type = case$cov_type)
    result$total <- lapply(X, function(s) tested(c(coef(f)[[s]], sqrt(v[s, s])), f$df.residual))
  }
  # Johnson-Neyman: where |t| crosses its critical value, by bisection on a fine grid
  if (length(W) == 1 && length(unique(data[[W]])) > 3) {
    jn <- list()
    add <- function(s, o, others) for (at in grid(others)) {
      gap <- function(v) vapply(v, function(one) { e <- effect_of(s, o, c(at, setNames(list(one), W))); abs(e[1] / e[2]) - qt(.975, df[[o]]) }, 0)
      g <- seq(min(data[[W]]), max(data[[W]]), length.out = 200); at_g <- gap(g)
      for (i in which(diff(sign(at_g)) != 0)) jn[[length(jn) + 1]] <<- uniroot(gap, g[i + 0:1], tol = 1e-13)$root
    }
    if (plan[1] == "w") for (s in X) for (o in m) add(s, o, NULL)
    if (plan[3] == "w") for (s in X) add(s, y, NULL)
    if (plan[2] == "w") for (s in m) add(s, y, NULL)
    if (plan[3] %in% c("wz", "w*z") && length(m) == 0) for (s in X) add(s, y, "z")
    if (!any(plan %in% c("wz", "w*z")) || length(m) == 0) result$jn <- sort(unlist(jn))
  }
  result$sd <- list(y = sd(data[[y]]), x = vapply(X, function(s) sd(data[[s]]), 0))
  result$names <- NULL
  rapply(result, unname, how = "replace")
}

# ---- configurations ---------------------------------------------------------------------------------------
variants <- list(
  list(x = "x", w = "w", z = "z", m = 1, y = "y", cov_type = "nonrobust"),
  list(x = "x", w = "w", z = "z", m = 2, y = "y", covariates = c("c1", "c2"), cov_type = "HC3", center = TRUE),
  list(x = "xb", w = "wb", z = "z", m = 2, y = "y", covariates = "c1", cov_type = "HC4", probe = "sd"),
  list(x = "xg", w = "w", z = "zb", m = 2, y = "y", cov_type = "HC2", categorical = list(xg = "?")),
  list(x = "x", w = "wg", z = "z", m = 3, y = "y", covariates = "c2", cov_type = "HC0", categorical = list(wg = "?")),
  list(x = "xg", w = "wg", z = "zb", m = 1, y = "y", cov_type = "nonrobust", categorical = list(xg = "?", wg = "?")),
  list(x = "x", w = "w", z = "zb", m = 2, y = "bought", covariates = "c1", cov_type = "nonrobust"),
  list(x = "x", w = "zb", z = "w", m = 2, y = "bought", cov_type = "HC3", family = "ols", center = TRUE, probe = "sd"))
kinds <- c("indicator", "sequential", "helmert", "effect")
cases <- list(); turn <- 0
for (number in names(table)) for (v in variants) {
  case <- v; plan <- table[[number]]; case$model <- as.integer(number); k <- v$m; case$m <- NULL
  if (plan[1] != "-") case$m <- I(paste0("m", seq_len(if (plan[1] == "s") max(2, k) else k)))
  if (!any(grepl("w", plan))) { case$categorical[[v$w]] <- NULL; case$w <- NULL }
  if (!any(grepl("z", plan))) case$z <- NULL
  if (!is.null(case$center) && !any(grepl("[wz]", plan))) case$center <- NULL
  for (name in names(case$categorical)) { turn <- turn + 1; case$categorical[[name]] <- kinds[turn %% 4 + 1] }
  if (length(case$categorical) == 0) case$categorical <- NULL
  if (!is.null(case$covariates)) case$covariates <- I(case$covariates)
  # the products of two codings and a third variable ask for more rows than there are
  if (!is.null(case$categorical) && length(case$categorical) == 2 && any(grepl("\\*", plan))) next
  cases[[length(cases) + 1]] <- case
}
results <- lapply(cases, function(case) list(input = case, expected = by_hand(case)))

# ---- bootstrap of boot, percentile and BCa ------------------------------------------------------------------
resampled <- function(statistic, R = 20000) {
  set.seed(7); b <- boot(d, statistic, R); k <- length(b$t0)
  L <- sapply(seq_len(k), function(j) empinf(b, index = j, type = "jack"))
  lapply(seq_len(k), function(j) {
    ci <- boot.ci(b, .95, c("perc", "bca"), index = j, L = L[, j])
    list(estimate = b$t0[[j]], se = sd(b$t[, j]), percentile = ci$percent[4:5], bca = ci$bca[4:5])
  })
}
fit <- function(y, ..., data) lm.fit(cbind(1, ...), data[[y]])$coefficients
q <- quantile(d$w, c(.16, .5, .84), type = 6, names = FALSE)
boots <- list(
  list(input = list(model = 6, x = "x", m = I(c("m1", "m2")), y = "y"), expected = resampled(function(d, i) {
    d <- d[i, ]; a <- fit("m1", d$x, data = d); e <- fit("m2", d$x, d$m1, data = d); b <- fit("y", d$x, d$m1, d$m2, data = d)
    c(a[2] * b[3], e[2] * b[4], a[2] * e[3] * b[4]) })),
  list(input = list(model = 59, x = "xb", w = "w", m = I("m1"), y = "y", covariates = I("c1")), expected = resampled(function(d, i) {
    d <- d[i, ]; a <- fit("m1", d$xb, d$w, d$xb * d$w, d$c1, data = d)
    b <- fit("y", d$xb, d$m1, d$w, d$xb * d$w, d$m1 * d$w, d$c1, data = d)
    (a[2] + a[4] * q) * (b[3] + b[6] * q) })))

out <- list(cases = results, bootstrap = boots)
con <- gzfile("conditional_process.json.gz", "w")
cat(toJSON(out, auto_unbox = TRUE, digits = I(11), null = "null", na = "null"), file = con); close(con)
cat(length(cases), "cases\n"); print(warnings())
