# Numbers of psych, semTools and lavaan on more scales and exploratory solutions; run in this folder, with the folder
# of the reference data: Rscript scales.R ../../../shared/reference/data scales.json; then gzip. The tests read those
# solutions that are not Heywood cases and have one simplest rotation.
suppressMessages({library(lavaan); library(semTools); library(psych); library(jsonlite)})
at <- commandArgs(TRUE)[1]; to <- commandArgs(TRUE)[2]
read <- function(name) read.csv(if (name == "ordinal_answers.csv") name else file.path(at, name))
quiet <- function(x) suppressMessages(suppressWarnings(x))
table_of <- function(m) {m <- unclass(m); if (is.null(dim(m))) m <- matrix(m, 1); list(rows = rownames(m), cols = colnames(m), values = unname(as.matrix(m)))}
out <- list()
data_of <- function(name) {
  if (grepl("^c[oa][rv]_", name)) as.matrix(read.csv(file.path(at, name), row.names = 1)) else read(name)
}
sv <- c("tan1","tan2","tan3","rel1","rel2","rel3","res1","res2","res3","ass1","ass2","ass3","emp1","emp2","emp3")
sets <- list(
  list(id = "attitude", data = "attitude.csv", items = c("rating","complaints","privileges","learning","raises","critical","advance"), k = 1:3),
  list(id = "svc", data = "svc_sim.csv", items = sv, k = c(1, 3, 5)),
  list(id = "thurstone", data = "cor_Thurstone.csv", n = 213, k = 1:3),
  list(id = "peer", data = "cor_peer_aspirations.csv", n = 329, k = 2:4),
  list(id = "mtcars", data = "mtcars.csv", items = c("mpg","disp","hp","drat","wt","qsec"), k = 1:2),
  list(id = "sat", data = "sat.act.csv", items = c("ACT","SATV","SATQ"), k = 1),
  list(id = "iris", data = "iris.csv", items = c("Sepal.Length","Sepal.Width","Petal.Length","Petal.Width"), k = 1),
  list(id = "hsmiss", data = "hs_missing.csv", items = paste0("x", 1:9), k = 1:4),
  list(id = "pd", data = "PoliticalDemocracy.csv", items = c(paste0("y", 1:8), paste0("x", 1:3)), k = 1:4))
efas <- list()
for (s in sets) {
  raw <- data_of(s$data); x <- if (is.null(s$items)) raw else raw[s$items]
  n <- if (is.null(s$n)) NA else s$n
  r <- if (is.null(s$items)) x else cor(x, use = "pairwise")
  kb <- KMO(r); b <- cortest.bartlett(r, n = if (is.na(n)) nrow(x) else n)
  v <- quiet(vss(r, n = min(8, ncol(r)), n.obs = if (is.na(n)) nrow(x) else n, plot = FALSE))
  m <- if (is.na(n)) quiet(mardia(na.omit(x), plot = FALSE)) else NULL
  out[[s$id]] <- list(data = s$data, items = s$items, n = s$n, kmo = kb$MSA, msa = unname(kb$MSAi), bartlett = b$chisq, bartlett_df = b$df, bartlett_p = b$p.value, map = v$map,
    mardia = if (!is.null(m)) list(b1p = m$b1p, b2p = m$b2p, skew = m$skew, small = m$small.skew, p_skew = m$p.skew, p_small = m$p.small, kurtosis = m$kurtosis, p_kurt = m$p.kurt))
  for (k in s$k) for (fm in c("minres", "ml", "pa")) for (ro in c("none", "varimax", "promax", "oblimin", "geominQ")) {
    if (k == 1 && ro != "none") next
    f <- tryCatch(quiet(if (is.na(n)) fa(x, k, fm = fm, rotate = ro) else fa(x, k, n.obs = n, fm = fm, rotate = ro)), error = function(e) NULL)
    if (is.null(f)) next
    one <- list(set = s$id, k = k, fm = fm, rotate = ro, loadings = table_of(f$loadings), structure = table_of(f$Structure), uniq = unname(f$uniquenesses), h2 = unname(f$communality), chisq = f$STATISTIC, df = f$dof, p = f$PVAL, rmsea = as.list(f$RMSEA), tli = f$TLI, bic = f$BIC, rms = f$rms, crms = f$crms, cfi = f$CFI, objective = f$objective, vaccounted = table_of(f$Vaccounted), chi = f$chi, nobs = f$n.obs)
    if (!is.null(f$Phi)) one$phi <- table_of(f$Phi)
    efas[[length(efas) + 1]] <- one
  }
  message(s$id)
}
out$efa <- efas
exploratory <- out

out <- list()
sets <- list(
 svc = list(data = "svc_sim.csv", blocks = list(TAN = paste0("tan",1:3), REL = paste0("rel",1:3), RES = paste0("res",1:3), TRU = paste0("tru",1:4), SAT = paste0("sat",1:4), LOY = paste0("loy",1:5))),
 svc_missing = list(data = "svc_sim_missing.csv", blocks = list(TAN = paste0("tan",1:3), REL = paste0("rel",1:3), TRU = paste0("tru",1:4), LOY = paste0("loy",1:5))),
 bfi = list(data = "bfi.csv", blocks = list(A = paste0("A",1:5), C = paste0("C",1:5), E = paste0("E",1:5), N = paste0("N",1:5)), turn = c("A1","C4","C5","E1","E2")),
 pd = list(data = "PoliticalDemocracy.csv", blocks = list(ind = paste0("x",1:3), d60 = paste0("y",1:4), d65 = paste0("y",5:8))),
 two = list(data = "svc_sim.csv", blocks = list(TAN = c("tan1","tan2"), REL = c("rel1","rel2"), SAT = paste0("sat",1:4))),
 ord = list(data = "ordinal_answers.csv", blocks = list(f = paste0("a",1:4), k = paste0("b",2:4), m = paste0("y",1:3))))
for (id in names(sets)) {
  s <- sets[[id]]; d <- read(s$data); items <- unlist(s$blocks); x <- d[items] ; if (id == "bfi") x <- x[1:700, ]; if (id == "bfi") x <- x[1:700, ]
  for (v in s$turn) x[[v]] <- 7 - x[[v]]
  one <- list(data = s$data, blocks = s$blocks, turn = s$turn)
  one$alpha <- lapply(s$blocks, function(b) {
    a <- quiet(alpha(x[b], check.keys = FALSE)); ci <- a$feldt
    list(raw = a$total$raw_alpha, std = a$total$std.alpha, g6 = a$total$`G6(smc)`, ase = a$total$ase, feldt = unname(unlist(ci[c("lower.ci","alpha","upper.ci")])),
         drop = a$alpha.drop$raw_alpha, r_cor = a$item.stats$r.cor, r_drop = a$item.stats$r.drop, raw_r = a$item.stats$raw.r, std_r = a$item.stats$std.r)})
  one$guttman <- lapply(s$blocks, function(b) if (length(b) > 2) {g <- quiet(guttman(x[b])); list(l1 = g$lambda.1, l2 = g$lambda.2, l3 = g$lambda.3, l4 = g$lambda.4, l5 = g$lambda.5, l6 = g$lambda.6)})
  m <- paste(sapply(names(s$blocks), function(n) paste(n, "=~", paste(s$blocks[[n]], collapse = " + "))), collapse = "\n")
  fit <- quiet(cfa(m, x, std.lv = TRUE))
  one$cr <- as.list(compRelSEM(fit)); one$cr_implied <- as.list(compRelSEM(fit, obs.var = FALSE)); one$tau <- as.list(compRelSEM(fit, tau.eq = TRUE))
  one$ave <- as.list(AVE(fit)); one$ave_obs <- as.list(AVE(fit, obs.var = TRUE)); one$ave_implied <- as.list(AVE(fit, obs.var = FALSE))
  one$reliability <- table_of(quiet(semTools::reliability(fit)))
  one$maximal <- tryCatch(as.list(maximalRelia(fit)), error = function(e) NULL)
  one$std <- as.list(setNames(standardizedSolution(fit)$est.std[1:length(items)], items))
  one$cor <- table_of(lavInspect(fit, "cor.lv"))
  one$htmt <- table_of(semTools::htmt(m, x)); one$htmt2 <- table_of(semTools::htmt(m, x, htmt2 = TRUE))
  one$htmt_pairwise <- tryCatch(table_of(semTools::htmt(m, x, missing = "pairwise")), error = function(e) NULL)
  one$htmt_abs <- table_of(semTools::htmt(m, x, absolute = FALSE))
  if (id != "pd") { p <- tryCatch(table_of(quiet(semTools::htmt(m, x, ordered = setdiff(items, paste0("y", 1:3))))), error = function(e) NULL); one$htmt_poly <- p
   one$htmt2_poly <- tryCatch(table_of(quiet(semTools::htmt(m, x, ordered = setdiff(items, paste0("y", 1:3)), htmt2 = TRUE))), error = function(e) NULL)}
  if (id %in% c("svc", "bfi", "two")) {
    of <- quiet(cfa(m, x, std.lv = TRUE, ordered = items))
    one$ord_cr <- as.list(compRelSEM(of)); one$ord_latent <- as.list(compRelSEM(of, ord.scale = FALSE)); one$ord_alpha <- as.list(compRelSEM(of, tau.eq = TRUE, ord.scale = FALSE)); one$ord_ave <- as.list(quiet(AVE(of)))
  }
  one$icc <- lapply(s$blocks, function(b) {i <- quiet(ICC(na.omit(x[b]), lmer = FALSE)$results); list(type = i$type, value = i$ICC, F = i$F, df1 = i$df1, df2 = i$df2, p = i$p, low = i$`lower bound`, high = i$`upper bound`)})
  one$split <- lapply(s$blocks, function(b) if (length(b) > 3) {q <- quiet(splitHalf(na.omit(x[b]), raw = TRUE)); list(max = q$maxrb, min = q$minrb, mean = q$meanr)})
  one$mardia <- {m2 <- quiet(mardia(na.omit(x), plot = FALSE)); list(b1p = m2$b1p, b2p = m2$b2p, skew = m2$skew, small = m2$small.skew, kurtosis = m2$kurtosis)}
  one$semk <- unname(semTools::mardiaKurtosis(na.omit(x))); one$sems <- unname(semTools::mardiaSkew(na.omit(x)))
  out[[id]] <- one; message(id)
}
write_json(list(exploratory = exploratory, scales = out), to, digits = 9, auto_unbox = TRUE, na = "null", null = "null")
