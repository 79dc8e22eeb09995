# Numbers of psych, semTools and lavaan on reliability and exploratory factors; run in this folder, with the folder of
# the reference data: Rscript measurement.R ../../../shared/reference/data measurement.json
suppressMessages({library(lavaan); library(semTools); library(psych); library(jsonlite)})
at <- commandArgs(TRUE)[1]
read <- function(name) read.csv(file.path(at, name))
table_of <- function(m) list(rows = rownames(m), cols = colnames(m), values = unname(as.matrix(unclass(m))))
out <- list()

solution <- function(f) {
  x <- list(loadings = table_of(f$loadings), uniquenesses = as.list(f$uniquenesses), complexity = as.list(f$complexity),
            chisq = f$STATISTIC, df = f$dof, rmsea = as.list(f$RMSEA), tli = f$TLI, bic = f$BIC, rmsr = f$rms,
            objective = f$objective, null_chisq = f$null.chisq, null_df = f$null.dof, cfi = f$CFI)
  if (!is.null(f$Phi)) x$phi <- table_of(f$Phi)
  x
}
bfi <- na.omit(read("bfi.csv")[1:25])
harman <- as.matrix(read.csv(file.path(at, "cor_Harman74.csv"), row.names = 1))
rotations <- c("none", "varimax", "promax", "oblimin", "quartimin", "geominQ")
out$efa <- list()
for (fm in c("minres", "ml", "pa")) for (r in rotations) {
  if (fm != "minres" && r %in% c("promax", "quartimin")) next
  out$efa[[length(out$efa) + 1]] <- c(list(data = "bfi.csv", n_factors = 5, method = fm, rotation = r),
    solution(suppressWarnings(fa(bfi, 5, fm = fm, rotate = r))))
  out$efa[[length(out$efa) + 1]] <- c(list(data = "cor_Harman74.csv", n_obs = 145, n_factors = 4, method = fm, rotation = r),
    solution(suppressWarnings(fa(harman, 4, n.obs = 145, fm = fm, rotate = r))))
}
gaps <- read("bfi.csv")[1:25]  # 2,800 rows, 364 of them with a gap: R's cor(use = "pairwise")
out$gaps <- c(solution(fa(gaps, 5, fm = "minres", rotate = "oblimin")),
              list(kmo = KMO(gaps)$MSA, bartlett = cortest.bartlett(cor(gaps, use = "pairwise"), n = 2800)$chisq,
                   map = vss(gaps, 8, plot = FALSE)$map))
ordinal <- read("hs_ordinal.csv")[paste0("o", 1:9)]
poly <- polychoric(ordinal, correct = 0)$rho
out$efa_polychoric <- solution(fa(poly, 3, n.obs = 301, fm = "minres", rotate = "oblimin"))
hs <- read("HolzingerSwineford1939.csv")
nine <- hs[paste0("x", 1:9)]
f3 <- fa(nine, 3, fm = "minres", rotate = "oblimin")
out$scores <- list(loadings = table_of(f3$loadings))
for (m in c("Thurstone", "Bartlett", "tenBerge")) {
  s <- factor.scores(nine, f3, method = m)
  out$scores[[m]] <- list(weights = table_of(s$weights), first = table_of(s$scores[1:10, ]))
}
out$scores$validity <- sqrt(as.vector(f3$R2))
p5 <- principal(bfi, 5, rotate = "oblimin")
out$principal <- list(loadings = table_of(p5$loadings), phi = table_of(p5$Phi), communality = as.list(p5$communality))

eight <- hs[paste0("x", 1:8)]
s <- splitHalf(eight, raw = TRUE)
out$split_half <- list(max = s$maxrb, min = s$minrb, mean = s$meanr, lambda2 = s$lambda2, lambda3 = s$alpha,
                       lambda6 = s$lambda6, ci = unname(s$ci), raw = sort(s$raw))
g <- suppressWarnings(guttman(eight))
out$guttman <- list(lambda1 = g$lambda.1, lambda2 = g$lambda.2, lambda3 = g$lambda.3, lambda4 = g$lambda.4,
                    lambda5 = g$lambda.5, lambda6 = g$lambda.6)

model <- "visual =~ o1 + o2 + o3\ntextual =~ o4 + o5 + o6\nspeed =~ o7 + o8 + o9"
of <- cfa(model, ordinal, ordered = names(ordinal), std.lv = TRUE)
out$ordinal <- list(
  omega_categorical = as.list(compRelSEM(of, ord.scale = TRUE)),
  omega_categorical_implied = as.list(compRelSEM(of, ord.scale = TRUE, obs.var = FALSE)),
  omega_latent = as.list(compRelSEM(of, ord.scale = FALSE)),
  alpha_ordinal = as.list(compRelSEM(of, tau.eq = TRUE, ord.scale = FALSE)),
  reliability = table_of(suppressWarnings(semTools::reliability(of))))
three <- read("datCat.csv")[paste0("u", 1:8)]
of <- cfa("f =~ u1 + u2 + u3 + u4 + u5 + u6 + u7 + u8", three, ordered = names(three), std.lv = TRUE)
out$ordinal_one <- list(omega_categorical = unname(compRelSEM(of, ord.scale = TRUE)),
                        omega_latent = unname(compRelSEM(of, ord.scale = FALSE)),
                        alpha_ordinal = suppressWarnings(alpha(polychoric(three, correct = 0)$rho))$total$raw_alpha)

lines <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
labels <- ""
for (k in 1:3) {
  i <- 3 * k - 2:0
  f <- c("visual", "textual", "speed")[k]
  labels <- paste0(labels, f, " =~ ", paste0("a", i, "*x", i, collapse = " + "), "\n",
                   paste0("x", i, " ~~ e", i, "*x", i, collapse = "\n"), "\n",
                   paste0("l", i, " := a", i, " / sqrt(a", i, "^2 + e", i, ")", collapse = "\n"), "\n",
                   "ave", k, " := (", paste0("l", i, "^2", collapse = " + "), ") / 3\n",
                   "s", k, " := ", paste0("l", i, collapse = " + "), "\n",
                   "cr", k, " := s", k, "^2 / (s", k, "^2 + 3 - 3 * ave", k, ")\n")
}
fit <- cfa(labels, hs, std.lv = TRUE)
pe <- parameterEstimates(fit)
pe <- pe[pe$op == ":=" & grepl("^(cr|ave)", pe$lhs), ]
out$delta <- list(name = pe$lhs, est = pe$est, se = pe$se, low = pe$ci.lower, high = pe$ci.upper)

omega_of <- function(...) {
  o <- suppressMessages(suppressWarnings(omega(..., plot = FALSE)))
  list(omega_h = o$omega_h, omega_tot = o$omega.tot, omega_lim = o$omega.lim, alpha = o$alpha, lambda6 = o$G6,
       general = as.list(o$schmid$sl[, "g"]), ecv = o$ECV)
}
out$omega <- list(bfi5 = omega_of(bfi, 5), hs_equal = omega_of(nine, 2, option = "equal"),
                  hs_first = omega_of(nine, 2, option = "first"), hs_second = omega_of(nine, 2, option = "second"),
                  hs_ml = omega_of(nine, 3, fm = "ml"), harman = omega_of(harman, 4))
irt <- irt.fa(ordinal[1:3], plot = FALSE, correct = 0)
out$ogive <- list(discrimination = as.vector(irt$irt$discrimination), difficulty = table_of(irt$irt$difficulty[[1]]))
ratings <- read("attitude.csv")[2:5]
icc <- ICC(ratings, lmer = FALSE, alpha = .10)$results
out$icc <- list(type = icc$type, value = icc$ICC, f = icc$F, low = icc$`lower bound`, high = icc$`upper bound`)
write_json(out, commandArgs(TRUE)[2], digits = NA, auto_unbox = TRUE)
