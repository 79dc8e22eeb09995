# Measurement invariance by lavaan and semTools; run in this folder: Rscript invariance.R
# Writes invariance_answers.csv (made-up answers, seed below) and invariance.json (the numbers).
suppressMessages({library(lavaan); library(semTools); library(jsonlite)})
options(digits = 15)
set.seed(20)
n <- 900
g <- rep(c("north", "south", "east"), length.out = n)
late <- as.numeric(g == "south")
xi <- matrix(rnorm(2 * n), n) %*% chol(matrix(c(1, .5, .5, 1), 2))
xi[, 1] <- xi[, 1] * (1 + .2 * late) + .3 * late
xi[, 2] <- xi[, 2] - .2 * late + .1 * (g == "east")
cut_at <- function(y, t) as.integer(cut(y, c(-Inf, t, Inf)))
four <- c(-1.2, 0, .9); two <- c(-.7, .6); one <- .2
D <- data.frame(g = g)
load <- c(.8, .7, .6, .9)
for (j in 1:4) {
  y <- load[j] * xi[, 1] + rnorm(n, 0, .6) + (j == 3) * .35 * late
  D[[paste0("u", j)]] <- cut_at(y + (j == 2) * .4 * late * xi[, 1], four)
}
for (j in 1:4) {
  y <- load[j] * xi[, 2] + rnorm(n, 0, .6) + (j == 4) * .3 * late
  D[[paste0("v", j)]] <- cut_at(y, if (j < 3) four else if (j == 3) two else one)
}
for (j in 1:5) D[[paste0("b", j)]] <- cut_at(.8 * xi[, 1] + rnorm(n, 0, .6) + (j == 5) * .5 * late, .2 * j - .5)
for (j in 1:4) D[[paste0("c", j)]] <- cut_at(.8 * xi[, 2] + rnorm(n, 0, .6) + (j == 2) * .3 * late, two)
# three waves of three items, with specific factors that last
level <- rnorm(n)
specific <- matrix(rnorm(3 * n, 0, .4), n)
for (t in 1:3) {
  f <- .8 * level + rnorm(n, 0, .6) + .25 * (t - 1)
  for (j in 1:3) D[[paste0("l", j, "_w", t)]] <-
    cut_at(load[j] * f + specific[, j] + rnorm(n, 0, .5) + (j == 3 & t == 3) * .3, four)
}
write.csv(D, "invariance_answers.csv", row.names = FALSE)
two_groups <- D[D$g != "east", ]
HS <- HolzingerSwineford1939

take <- function(fit) {
  m <- fitMeasures(fit)
  names(m) <- gsub(".", "_", names(m), fixed = TRUE)
  keep <- intersect(c("chisq", "df", "pvalue", "cfi", "rmsea", "srmr", "chisq_scaled", "pvalue_scaled",
                      "cfi_scaled", "rmsea_scaled", "cfi_robust", "rmsea_robust"), names(m))
  as.list(unclass(m)[keep])
}
step_tests <- function(fits) {
  out <- list()
  for (k in 2:length(fits)) {
    d <- fitMeasures(fits[[k]], "df") - fitMeasures(fits[[k - 1]], "df")
    if (d < 1) next
    t <- suppressWarnings(lavTestLRT(fits[[k - 1]], fits[[k]]))
    out[[names(fits)[k]]] <- list(delta_chisq = t[2, "Chisq diff"], delta_df = t[2, "Df diff"], p = t[2, "Pr(>Chisq)"])
  }
  out
}
ladder <- function(fits) list(fits = lapply(fits, take), tests = step_tests(fits))
scores <- function(fit) {
  s <- lavTestScore(fit)$uni
  p <- parTable(fit)
  row <- match(as.character(s$rhs), p$plabel)
  data.frame(lhs = p$lhs[row], op = p$op[row], rhs = p$rhs[row], group = p$group[row], chisq = s$X2, p = s$p.value)
}
out <- list()

# continuous items
hs <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
steps <- list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"),
              strict = c("loadings", "intercepts", "residuals"),
              means = c("loadings", "intercepts", "residuals", "means"))
run <- function(text, data, group, ...) lapply(steps, function(e) cfa(text, data = data, group = group, group.equal = e, std.lv = TRUE, ...))
ml <- run(hs, HS, "school")
out$hs_ml <- c(ladder(ml), list(metric_scores = scores(ml$metric), scalar_scores = scores(ml$scalar)))
out$hs_mlr <- ladder(run(hs, HS, "school", estimator = "MLR"))
H <- HS; set.seed(3); for (v in paste0("x", 1:9)) H[[v]][sample(301, 25)] <- NA
out$missing <- lapply(paste0("x", 1:9), function(v) which(is.na(H[[v]])))
out$hs_fiml <- ladder(run(hs, H, "school", missing = "fiml"))
out$three <- ladder(run("f =~ u1 + u2 + u3 + u4", D, "g"))
part <- lapply(steps, function(e) cfa(hs, data = HS, group = "school", group.equal = e, std.lv = TRUE,
                                      group.partial = c("x3~1", "x7~1")))
out$hs_partial <- ladder(part)
second <- "F =~ f + k + h\nf =~ u1 + u2 + u3 + u4\nk =~ v1 + v2 + v3\nh =~ c1 + c2 + c3 + c4"
hi <- list(
  configural = cfa(second, data = two_groups, group = "g"),
  metric = cfa(second, data = two_groups, group = "g", group.equal = "loadings"),
  scalar = cfa(paste(second, "f + k + h ~ 0*1", "F ~ c(0, NA)*1", sep = "\n"), data = two_groups, group = "g",
               group.equal = c("loadings", "intercepts")))
out$second_order <- ladder(hi)
# latent means with the effect size of Hancock (2001), as a defined parameter
n12 <- table(factor(HS$school, unique(HS$school)))
mean_text <- paste0(hs, "\nvisual ~~ c(1, NA)*visual + c(w1, v1)*visual\ntextual ~~ c(1, NA)*textual + c(w2, v2)*textual
speed ~~ c(1, NA)*speed + c(w3, v3)*speed\nvisual ~ c(0, NA)*1 + c(k1, m1)*1\ntextual ~ c(0, NA)*1 + c(k2, m2)*1
speed ~ c(0, NA)*1 + c(k3, m3)*1\n",
  paste(sprintf("d%d := m%d/sqrt((%d*1 + %d*v%d)/%d)", 1:3, 1:3, n12[1], n12[2], 1:3, sum(n12)), collapse = "\n"))
means_of <- function(fit) {
  e <- parameterEstimates(fit)
  e[e$label %in% c("m1", "m2", "m3", "d1", "d2", "d3"), c("label", "est", "se", "z", "pvalue", "ci.lower", "ci.upper")]
}
out$means_partial <- means_of(cfa(mean_text, data = HS, group = "school", std.lv = TRUE,
  group.equal = c("loadings", "intercepts"), group.partial = c("x3~1", "x7~1")))

# expected change of a row when its equality alone is released
change <- function(fit, lhs, op, rhs) {
  s <- lavTestScore(fit)$uni
  p <- parTable(fit)
  row <- match(as.character(s$rhs), p$plabel)
  k <- which(p$lhs[row] == lhs & p$op[row] == op & p$rhs[row] == rhs)
  e <- lavTestScore(fit, release = k, epc = TRUE)$epc
  at <- e[e$lhs == lhs & e$op == op & e$rhs == rhs, ]
  at$epc[at$group == 2] - at$epc[at$group == 1]
}
out$epc <- list(x3 = change(ml$scalar, "x3", "~1", ""), x5 = change(ml$metric, "textual", "=~", "x5"))

# ordered items, Wu & Estabrook (2016)
ordinal <- function(text, items, data, kinds, parameterization, ...) {
  fits <- list()
  for (k in names(kinds)) {
    syntax <- measEq.syntax(text, data = data, ordered = items, parameterization = parameterization,
                            ID.fac = "std.lv", ID.cat = "Wu.Estabrook.2016", group = "g",
                            group.equal = kinds[[k]], ...)
    fits[[k]] <- cfa(as.character(syntax), data = data, ordered = items, group = "g",
                     parameterization = parameterization, estimator = "WLSMV")
  }
  fits
}
kinds <- list(configural = "", thresholds = "thresholds", metric = c("thresholds", "loadings"),
              scalar = c("thresholds", "loadings", "intercepts"))
strict <- c(kinds, list(strict = c("thresholds", "loadings", "intercepts", "residuals")))
u <- paste0("u", 1:4); v <- paste0("v", 1:4); b <- paste0("b", 1:5); cc <- paste0("c", 1:4)
fu <- "f =~ u1 + u2 + u3 + u4\nk =~ v1 + v2"
out$ordinal_theta <- ladder(ordinal(fu, c(u, v[1:2]), two_groups, strict, "theta"))
out$ordinal_delta <- ladder(ordinal(fu, c(u, v[1:2]), two_groups, kinds, "delta"))
out$ordinal_three <- ladder(ordinal("f =~ u1 + u2 + u3 + u4", u, D, strict, "theta"))
out$three_categories <- ladder(ordinal("f =~ c1 + c2 + c3 + c4", cc, two_groups, strict, "theta"))
out$mixed_categories <- try(ladder(ordinal("k =~ v1 + v2 + v3 + v4", v, two_groups, strict, "theta")))
# the step before intercepts, where the binary item's residual variance is free as those of the others are
n_thr <- c(3, 3, 2, 1)
lines <- sapply(1:4, function(k) paste0(v[k], " | ", paste(sprintf("c(%s_%d,%s_%d)*t%d", v[k], 1:n_thr[k], v[k], 1:n_thr[k], 1:n_thr[k]), collapse = " + ")))
by_hand <- paste0("k =~ ", paste(sprintf("c(NA,NA)*%s + c(a_%s,a_%s)*%s", v, v, v, v), collapse = " + "), "\n",
  paste(lines, collapse = "\n"), "\n", paste(sprintf("%s ~ c(0,NA)*1", v), collapse = "\n"), "\n",
  paste(sprintf("%s ~~ c(1,NA)*%s", v, v), collapse = "\n"), "\nk ~~ c(1,NA)*k\nk ~ c(0,0)*1")
out$mixed_metric <- take(cfa(by_hand, data = two_groups, group = "g", ordered = v, parameterization = "theta"))
out$binary_semtools <- try(ladder(ordinal("f =~ b1 + b2 + b3 + b4 + b5", b, two_groups, strict, "theta")))
# binary items: everything but the residual variances at once
free <- "f =~ NA*b1 + c(a1,a1)*b1 + c(a2,a2)*b2 + c(a3,a3)*b3 + c(a4,a4)*b4 + c(a5,a5)*b5
b1|c(t1,t1)*t1\nb2|c(t2,t2)*t1\nb3|c(t3,t3)*t1\nb4|c(t4,t4)*t1\nb5|c(t5,t5)*t1
f ~~ c(1,NA)*f\nf ~ c(0,NA)*1\n"
res <- paste(sprintf("%s ~~ c(1,%%s)*%s", b, b), collapse = "\n")
bin <- list(configural = cfa("f =~ b1 + b2 + b3 + b4 + b5", data = two_groups, group = "g", ordered = b, std.lv = TRUE, parameterization = "theta"),
  scalar = cfa(paste0(free, gsub("%s", "NA", res)), data = two_groups, group = "g", ordered = b, parameterization = "theta"),
  strict = cfa(paste0(free, gsub("%s", "1", res)), data = two_groups, group = "g", ordered = b, parameterization = "theta"))
out$binary <- ladder(bin)
o <- ordinal(fu, c(u, v[1:2]), two_groups, strict, "theta")
out$ordinal_threshold_scores <- scores(o$thresholds)
out$ordinal_metric_scores <- scores(o$metric)
sc <- o$scalar
e <- parameterEstimates(sc)
out$ordinal_means <- e[e$op %in% c("~1", "~~") & e$lhs %in% c("f", "k") & e$lhs == ifelse(e$op == "~1", e$lhs, e$rhs), c("lhs", "op", "group", "est", "se")]

# waves
waves <- "f1 =~ l1_w1 + l2_w1 + l3_w1\nf2 =~ l1_w2 + l2_w2 + l3_w2\nf3 =~ l1_w3 + l2_w3 + l3_w3
l1_w1 ~~ l1_w2 + l1_w3\nl1_w2 ~~ l1_w3\nl2_w1 ~~ l2_w2 + l2_w3\nl2_w2 ~~ l2_w3\nl3_w1 ~~ l3_w2 + l3_w3\nl3_w2 ~~ l3_w3"
lf <- list(f = c("f1", "f2", "f3"))
li <- list(l1 = paste0("l1_w", 1:3), l2 = paste0("l2_w", 1:3), l3 = paste0("l3_w", 1:3))
items <- unlist(li, use.names = FALSE)
long_run <- function(kinds, ordered) {
  fits <- list()
  for (k in names(kinds)) {
    syntax <- measEq.syntax(waves, data = D, longFacNames = lf, longIndNames = li, long.equal = kinds[[k]],
                            ID.fac = "std.lv", ID.cat = "Wu.Estabrook.2016", auto = FALSE,
                            ordered = if (ordered) items else NULL, parameterization = "theta", meanstructure = TRUE)
    fits[[k]] <- if (ordered) cfa(as.character(syntax), data = D, ordered = items, parameterization = "theta", estimator = "WLSMV") else
      cfa(as.character(syntax), data = D, meanstructure = TRUE)
  }
  fits
}
out$waves <- ladder(long_run(list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"),
                                  strict = c("loadings", "intercepts", "residuals")), FALSE))
out$waves_ordinal <- ladder(long_run(strict, TRUE))

# groups and waves at once: loadings equal over six copies, or four without "east"
both <- "f1 =~ c(NA,NA)*l1_w1 + c(a,a)*l1_w1 + c(b,b)*l2_w1 + c(d,d)*l3_w1\nf2 =~ c(NA,NA)*l1_w2 + c(a,a)*l1_w2 + c(b,b)*l2_w2 + c(d,d)*l3_w2
f3 =~ c(NA,NA)*l1_w3 + c(a,a)*l1_w3 + c(b,b)*l2_w3 + c(d,d)*l3_w3\nf1 ~~ c(1,NA)*f1\nf2 ~~ c(NA,NA)*f2\nf3 ~~ c(NA,NA)*f3"
rest <- sub("^.*?(l1_w1 ~~)", "\\1", gsub("\n", "@", waves, fixed = TRUE), perl = TRUE)
level_text <- paste(paste0("l", rep(1:3, 3), "_w", rep(1:3, each = 3), " ~ c(", rep(c("i", "j", "k"), 3), ",", rep(c("i", "j", "k"), 3), ")*1"), collapse = "\n")
free_means <- "f1 ~ c(0,NA)*1\nf2 ~ c(NA,NA)*1\nf3 ~ c(NA,NA)*1"
m_text <- paste(both, gsub("@", "\n", rest), sep = "\n")
out$waves_and_groups <- list(
  metric = take(cfa(m_text, data = two_groups, group = "g")),
  scalar = take(cfa(paste(m_text, level_text, free_means, sep = "\n"), data = two_groups, group = "g")))

# paths over groups, loadings equal
path <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9
textual ~ c(a1, a2)*visual\nspeed ~ c(b1, b2)*visual + c(c1, c2)*textual\nda := a1 - a2\ndb := b1 - b2\ndc := c1 - c2"
free <- sem(path, data = HS, group = "school", group.equal = "loadings")
est <- parameterEstimates(free)
held <- function(a, b, c) sem(paste0("visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9
textual ~ ", a, "visual\nspeed ~ ", b, "visual + ", c, "textual"), data = HS, group = "school", group.equal = "loadings")
pull <- function(m) { t <- lavTestLRT(free, m); list(chisq = t[2, "Chisq diff"], df = t[2, "Df diff"], p = t[2, "Pr(>Chisq)"]) }
wald <- function(k) { w <- lavTestWald(free, k); list(chisq = w$stat, df = w$df, p = w$p.value) }
out$paths <- list(
  estimates = est[est$op %in% c("~", ":="), c("lhs", "op", "rhs", "group", "est", "se", "ci.lower", "ci.upper")],
  all = pull(held("c(a,a)*", "c(b,b)*", "c(c,c)*")), textual_visual = pull(held("c(a,a)*", "", "")),
  speed_visual = pull(held("", "c(b,b)*", "")), speed_textual = pull(held("", "", "c(c,c)*")),
  wald_all = wald("a1 == a2\nb1 == b2\nc1 == c2"), wald_textual_visual = wald("a1 == a2"),
  wald_speed_visual = wald("b1 == b2"), wald_speed_textual = wald("c1 == c2"))
ord_free <- "f =~ u1 + u2 + u3 + u4\nk =~ v1 + v2 + v3"
# a panel of two constructs over three waves, and a curve of factors
for (t in 1:3) for (j in 1:2) {
  D[[paste0("m", j, "_w", t)]] <- D[[paste0("l", j, "_w", t)]]
}
G <- Demo.growth
clpm <- "t2 ~ t1 + c1\nc2 ~ t1 + c1\nt3 ~ t2 + c2\nc3 ~ t2 + c2\nt1 ~~ c1\nt2 ~~ c2\nt3 ~~ c3"
fit_p <- sem(clpm, data = G)
out$cross_lagged <- c(take(fit_p), list(est = with(parameterEstimates(fit_p), est[op == "~"]), se = with(parameterEstimates(fit_p), se[op == "~"])))
latent_clpm <- "f1 =~ L1*l1_w1 + L2*l2_w1 + L3*l3_w1\nf2 =~ L1*l1_w2 + L2*l2_w2 + L3*l3_w2\nf3 =~ L1*l1_w3 + L2*l2_w3 + L3*l3_w3
l1_w1 ~~ l1_w2 + l1_w3\nl1_w2 ~~ l1_w3\nl2_w1 ~~ l2_w2 + l2_w3\nl2_w2 ~~ l2_w3\nl3_w1 ~~ l3_w2 + l3_w3\nl3_w2 ~~ l3_w3
f2 ~ f1 + u1\nf3 ~ f2 + u2\nu2 ~ f1 + u1\nu3 ~ f2 + u2\nf1 ~~ u1\nf2 ~~ u2\nf3 ~~ u3"
fit_l <- sem(gsub("L1\\*", "1*", latent_clpm), data = D)
pl <- parameterEstimates(fit_l)
out$cross_lagged_latent <- c(take(fit_l), list(lhs = pl$lhs[pl$op == "~"], rhs = pl$rhs[pl$op == "~"], est = pl$est[pl$op == "~"], se = pl$se[pl$op == "~"]))
ri <- "ix =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\niy =~ 1*c1 + 1*c2 + 1*c3 + 1*c4
wx1 =~ 1*t1\nwx2 =~ 1*t2\nwx3 =~ 1*t3\nwx4 =~ 1*t4\nwy1 =~ 1*c1\nwy2 =~ 1*c2\nwy3 =~ 1*c3\nwy4 =~ 1*c4
t1 ~~ 0*t1\nt2 ~~ 0*t2\nt3 ~~ 0*t3\nt4 ~~ 0*t4\nc1 ~~ 0*c1\nc2 ~~ 0*c2\nc3 ~~ 0*c3\nc4 ~~ 0*c4
wx2 ~ wx1 + wy1\nwy2 ~ wx1 + wy1\nwx3 ~ wx2 + wy2\nwy3 ~ wx2 + wy2\nwx4 ~ wx3 + wy3\nwy4 ~ wx3 + wy3\nwx1 ~~ wy1\nwx2 ~~ wy2\nwx3 ~~ wy3\nwx4 ~~ wy4
ix ~~ iy\nix ~~ 0*wx1 + 0*wy1\niy ~~ 0*wx1 + 0*wy1"
fit_r <- sem(ri, data = G)
pr <- parameterEstimates(fit_r)
out$random_intercept <- c(take(fit_r), list(est = pr$est[pr$op == "~"]))
curve <- "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 4*t4"
fit_g <- growth(curve, data = G)
pg <- parameterEstimates(fit_g)
out$growth <- c(take(fit_g), list(lhs = pg$lhs, op = pg$op, rhs = pg$rhs, est = pg$est, se = pg$se))
curved <- "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4\nq =~ 0*t1 + 1*t2 + 4*t3 + 9*t4"
out$growth_quadratic <- take(growth(curved, data = G))
factors <- "f1 =~ 1*l1_w1 + L2*l2_w1 + L3*l3_w1\nf2 =~ 1*l1_w2 + L2*l2_w2 + L3*l3_w2\nf3 =~ 1*l1_w3 + L2*l2_w3 + L3*l3_w3
l1_w1 ~~ l1_w2 + l1_w3\nl1_w2 ~~ l1_w3\nl2_w1 ~~ l2_w2 + l2_w3\nl2_w2 ~~ l2_w3\nl3_w1 ~~ l3_w2 + l3_w3\nl3_w2 ~~ l3_w3
l1_w1 ~ 0*1\nl1_w2 ~ 0*1\nl1_w3 ~ 0*1\nl2_w1 ~ T2*1\nl2_w2 ~ T2*1\nl2_w3 ~ T2*1\nl3_w1 ~ T3*1\nl3_w2 ~ T3*1\nl3_w3 ~ T3*1
i =~ 1*f1 + 1*f2 + 1*f3\ns =~ 0*f1 + 1*f2 + 2*f3\nf1 ~ 0*1\nf2 ~ 0*1\nf3 ~ 0*1\ni ~ 1\ns ~ 1\ni ~~ s"
fit_f <- sem(factors, data = D)
pf <- parameterEstimates(fit_f)
keep <- pf$lhs %in% c("i", "s") & pf$op %in% c("~1", "~~")
out$growth_factors <- c(take(fit_f), list(lhs = pf$lhs[keep], op = pf$op[keep], rhs = pf$rhs[keep], est = pf$est[keep], se = pf$se[keep]))
write(toJSON(out, auto_unbox = TRUE, digits = 12, na = "null", dataframe = "columns"), "invariance.json")
