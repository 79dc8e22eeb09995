# Regressions of every family, by R: lm, glm, ordinal::clm, with sandwich's covariances.
# Columns are compared in R's own order; the names of levels differ only in the way they are written.
# Run:  Rscript regression_families.R       writes regression_families.csv and regression_families.json
suppressMessages({library(sandwich); library(lmtest); library(jsonlite); library(ordinal)})
set.seed(4711)
n <- 130
d <- data.frame(u = round(rnorm(n, 5, 2), 2), v = round(rexp(n), 2), w = round(runif(n, -3, 3), 2),
                a = sample(c("app", "in shop", "web"), n, TRUE), g = sample(c(1, 2, 10), n, TRUE, c(.4, .3, .3)),
                flag = sample(c(TRUE, FALSE), n, TRUE), school = sample(letters[1:14], n, TRUE))
shift <- c(app = 0, `in shop` = .6, web = -.4)[d$a]; between <- rnorm(14, 0, .5)[match(d$school, letters)]
eta <- .3 * (d$u - 5) + .4 * d$v - .2 * d$w + shift + between
d$y <- round(2 + eta + (.5 + .2 * d$v) * rnorm(n), 2)
d$bought <- as.integer(runif(n) < plogis(eta)); d$visits <- rpois(n, exp(.4 + .4 * eta))
d$rating <- as.integer(cut(eta + rlogis(n), c(-Inf, -1.2, -.1, .9, 2, Inf)))
d$u[c(3, 50)] <- NA; d$a[17] <- NA; d$y[90] <- NA; d$school[101] <- NA
write.csv(d, "regression_families.csv", row.names = FALSE, na = "")
formulas <- c("u + v", "u * v", "C(a) + u", "C(a) * u", "C(a):u", "u + C(a):u", "0 + C(a) + u", "0 + C(a):u + v",
  "C(a) * C(g)", "0 + C(a):C(g)", "C(g) + C(g):C(a)", "0 + C(a) + C(g)", "0 + u + C(a) + C(g)", "0 + u + C(g):C(a)", "u:C(a) + u:C(a):C(g)", "u * v * C(a)", "0 + u", "1", "0 + u:v + C(a)",
  "flag * u", "C(flag) + w", "u:v:C(a) + u", "g + C(a) * w", "0 + u + v:w", "w + u:v + C(g):w + C(g)")
short <- c("u + v", "C(a) * w", "u:v + C(a)", "0 + C(a) + w", "C(flag) * w + v")
kinds <- c("nonrobust", "HC0", "HC1", "HC2", "HC3", "HC4", "cluster")

errors <- function(f, kind, rows) {
  V <- if (kind == "nonrobust") vcov(f) else if (kind != "cluster") {
    if (inherits(f, "lm") && !inherits(f, "glm")) vcovHC(f, type = kind)
    else sandwich(f) * (if (kind == "HC1") nobs(f) / (nobs(f) - length(coef(f))) else 1)
  } else if (inherits(f, "lm") && !inherits(f, "glm")) vcovCL(f, rows$school, type = "HC1")
  else { G <- length(unique(rows$school)); e <- rowsum(estfun(f), rows$school); B <- bread(f) / nobs(f)
         B %*% crossprod(e) %*% B * G / (G - 1) }
  V
}
one <- function(outcome, text, family) {
  translated <- as.formula(paste(outcome, "~", gsub("C\\((\\w+)\\)", "factor(\\1)", text)))
  used <- d[complete.cases(d[, c(all.vars(translated), "school")]), ]
  strict <- list(epsilon = 1e-15, maxit = 100)
  fit <- switch(family, ols = lm(translated, used),
    ordinal = , ordinal_probit = { used$rating <- factor(used$rating)
      clm(translated, data = used, link = if (family == "ordinal") "logit" else "probit", control = clm.control(gradTol = 1e-12)) },
    { how <- switch(family, poisson = poisson, binomial(if (family == "probit") "probit" else "logit"))
      start <- coef(glm(translated, how, used, control = strict)); environment(translated) <- environment()
      glm(translated, how, used, control = strict, start = start) })
  b <- coef(fit)
  out <- list(family = family, formula = paste(outcome, "~", text), n = nobs(fit), estimate = unname(b))
  if (inherits(fit, "clm")) { k <- length(fit$alpha); order <- c(seq_along(b)[-seq_len(k)], seq_len(k)) } else order <- seq_along(b)
  out$estimate <- unname(b[order]); out$se <- list()
  for (kind in kinds) if (family == "ols" || !kind %in% c("HC2", "HC3", "HC4"))
    out$se[[kind]] <- unname(sqrt(diag(errors(fit, kind, used)))[order])
  out$loglik <- as.numeric(logLik(fit)); out$aic <- AIC(fit); out$bic <- BIC(fit)
  if (family == "ols") {
    X <- model.matrix(fit); y <- model.response(model.frame(fit)); s <- summary(fit)
    out$r2 <- s$r.squared; out$adj_r2 <- s$adj.r.squared; out$f <- unname(s$fstatistic[1])
    out$beta <- unname(b * apply(X, 2, sd) / sd(y))
    centred <- attr(terms(fit), "intercept") == 1
    out$vif <- vapply(seq_len(ncol(X)), function(j) if (ncol(X) == 1) { if (centred) NA else 1 } else if (centred && j == 1) NA else
      1 / (1 - suppressWarnings(summary(if (centred) lm(X[, j] ~ X[, -c(1, j)]) else lm(X[, j] ~ 0 + X[, -j])))$r.squared), 0)
    if (centred && ncol(X) == 2) out$vif[2] <- 1
    if (text != "1") {
      a <- anova(fit); out$sequential <- a[["Sum Sq"]]; out$sequential_p <- head(a[["Pr(>F)"]], -1)
      whole <- drop1(fit, scope = attr(terms(fit), "term.labels"), test = "F"); out$left_out <- whole[["Sum of Sq"]][-1]
      out$left_out_p <- whole[["Pr(>F)"]][-1]
      V <- errors(fit, "HC3", used); asg <- attr(X, "assign")
      out$robust_f <- vapply(sort(unique(asg[asg > 0])), function(t) { at <- which(asg == t)
        drop(b[at] %*% solve(V[at, at], b[at])) / length(at) }, 0)
    }
  } else if (inherits(fit, "glm")) { out$deviance <- deviance(fit); out$null_deviance <- fit$null.deviance }
  out
}
cases <- lapply(formulas, function(text) one("y", text, "ols"))
for (family in c("logit", "probit", "poisson", "ordinal", "ordinal_probit")) for (text in short)
  if (!(startsWith(family, "ordinal") && startsWith(text, "0"))) {
    outcome <- switch(family, poisson = "visits", ordinal = , ordinal_probit = "rating", "bought")
    cases[[length(cases) + 1]] <- one(outcome, text, family)
  }

# ---- steps --------------------------------------------------------------------------------------------------
steps <- c("C(a)", "C(a) + u + v", "C(a) + u + v + u:v + C(a):v")
rows <- d[complete.cases(d[, c("y", "a", "u", "v", "school")]), ]
fits <- lapply(c("1", steps), function(text) lm(as.formula(paste("y ~", gsub("C\\((\\w+)\\)", "factor(\\1)", text))), rows))
change <- function(kind) sapply(2:4, function(i) {
  if (kind == "nonrobust") return(as.numeric(anova(fits[[i - 1]], fits[[i]])[2, c("F", "Pr(>F)")]))
  V <- errors(fits[[i]], kind, rows); new <- setdiff(names(coef(fits[[i]])), names(coef(fits[[i - 1]])))
  f <- drop(coef(fits[[i]])[new] %*% solve(V[new, new], coef(fits[[i]])[new])) / length(new)
  c(f, pf(f, length(new), if (kind == "cluster") length(unique(rows$school)) - 1 else fits[[i]]$df.residual, lower.tail = FALSE))
})
r2 <- vapply(fits, function(f) summary(f)$r.squared, 0)
hier <- list(formulas = paste("y ~", steps), r2 = r2[-1], delta_r2 = diff(r2), change = lapply(setNames(kinds, kinds), change))
# the same steps of a logit: likelihood ratio tests
own <- d[complete.cases(d[, c("bought", "a", "u", "v")]), ]
logits <- lapply(c("1", steps), function(text) glm(as.formula(paste("bought ~", gsub("C\\((\\w+)\\)", "factor(\\1)", text))), binomial, own, control = list(epsilon = 1e-14)))
lr <- lapply(2:4, function(i) { a <- anova(logits[[i - 1]], logits[[i]], test = "Chisq"); c(a$Deviance[2], a$Df[2], a[["Pr(>Chi)"]][2]) })
cat(toJSON(list(cases = cases, steps = hier, logit_steps = lr), auto_unbox = TRUE, digits = I(11), na = "null"), file = "regression_families.json")
cat(length(cases), "cases\n"); print(warnings())
