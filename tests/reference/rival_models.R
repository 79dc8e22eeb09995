# Rival factor models, method factors and markers by lavaan; run in this folder, with the folder of the reference data
# and that of the surveys: Rscript rival_models.R ../../../shared/reference/data ../../../shared/realdata
suppressMessages({library(lavaan); library(psych); library(jsonlite)})
at <- commandArgs(TRUE)
hs <- read.csv(file.path(at[1], "HolzingerSwineford1939.csv"))
svc <- read.csv(file.path(at[1], "svc_sim.csv"))
mobi <- read.csv(file.path(at[2], "ecsi_mobile_250.csv"))
wanted <- c("npar", "chisq", "df", "pvalue", "chisq.scaled", "pvalue.scaled", "cfi", "cfi.scaled", "cfi.robust",
            "tli.robust", "rmsea", "rmsea.robust", "rmsea.ci.lower", "rmsea.ci.upper", "rmsea.ci.lower.robust",
            "rmsea.ci.upper.robust", "srmr", "aic", "bic")
take <- function(fit) {
  m <- suppressWarnings(fitMeasures(fit)); m <- m[intersect(wanted, names(m))]
  names(m) <- gsub(".", "_", names(m), fixed = TRUE)
  as.list(m)
}
lines <- function(blocks, start = "") paste(paste0(names(blocks), " =~ ", sapply(blocks, function(v)
  paste0(start, v, collapse = " + "))), collapse = "\n")
all_on <- function(factor, blocks, label = "") paste0(factor, " =~ ", paste0(label, unlist(blocks), collapse = " + "))
gap <- function(a, b) { t <- lavTestLRT(a, b); list(chisq = t[2, "Chisq diff"], df = t[2, "Df diff"], p = t[2, "Pr(>Chisq)"]) }

tight <- list(rel.tol = 1e-13, iter.max = 5000)  # flat minima: stop late, where that stops at all
rivals <- function(data, blocks, merged, ...) {
  fit <- function(model, ...) {
    late <- suppressWarnings(cfa(model, data, std.lv = TRUE, control = tight, ...))
    if (lavInspect(late, "converged")) late else suppressWarnings(cfa(model, data, std.lv = TRUE, ...))
  }
  own <- fit(lines(blocks), ...)
  joint <- c(list(m = unlist(blocks[merged], use.names = FALSE)), blocks[!names(blocks) %in% merged])
  several <- blocks[lengths(blocks) > 1]  # two items have equal loadings on their specific factor
  specific <- sapply(names(several), function(n) paste0(n, " =~ ", paste0(
    if (length(several[[n]]) == 2) paste0("e", n, "*") else "", several[[n]], collapse = " + ")))
  models <- list("correlated factors" = own, "merged factors" = fit(lines(joint), ...),
                 "one factor" = fit(all_on("g", blocks), ...),
                 "second order" = fit(paste0(lines(blocks), "\nh =~ ", paste(names(blocks), collapse = " + ")), ...),
                 bifactor = fit(paste0(all_on("g", blocks), "\n", paste(specific, collapse = "\n")), orthogonal = TRUE, ...))
  lapply(models, function(f) {
    x <- list(converged = lavInspect(f, "converged"))
    if (!x$converged) return(x)
    x$fit <- take(f)
    if (x$fit$df > take(own)$df) x$difference <- gap(own, f)
    x
  })
}
HS <- list(visual = c("x1", "x2", "x3"), textual = c("x4", "x5", "x6"), speed = c("x7", "x8", "x9"))
SVC <- list(Trust = paste0("tru", 1:4), Satisfaction = paste0("sat", 1:4), Loyalty = paste0("loy", 1:5))
quality <- grep("^(tan|rel|res|ass|emp)[0-9]", names(svc), value = TRUE)
FIVE <- split(quality, factor(sub("[0-9]+", "", quality), unique(sub("[0-9]+", "", quality))))
MOBI <- list(Image = paste0("IMAG", 1:5), Expectation = paste0("CUEX", 1:3), Quality = paste0("PERQ", 1:7),
             Value = c("PERV1", "PERV2"), Satisfaction = paste0("CUSA", 1:3), Complaints = "CUSCO", Loyalty = paste0("CUSL", 1:3))
out <- list(hs_ML = rivals(hs, HS, c("visual", "speed")), hs_MLR = rivals(hs, HS, c("visual", "speed"), estimator = "MLR"),
            svc_MLM = rivals(svc, SVC, c("Satisfaction", "Loyalty"), estimator = "MLM"),
            mobi_ML = rivals(mobi, MOBI, c("Quality", "Satisfaction")))
if (length(FIVE) > 2) {
  first <- lavInspect(cfa(lines(FIVE), svc, std.lv = TRUE), "cor.lv"); first[upper.tri(first, TRUE)] <- 0
  pair <- rownames(first)[sort(which(abs(first) == max(abs(first)), arr.ind = TRUE)[1, ])]
  out$five <- list(blocks = FIVE, merged = pair, models = rivals(svc, FIVE, pair))
}

# an unmeasured method factor: equal and free loadings, uncorrelated with the constructs
method <- function(data, blocks) {
  off <- paste0("M ~~ ", paste0("0*", names(blocks), collapse = " + "))
  own <- cfa(lines(blocks), data, std.lv = TRUE)
  # a free method factor that starts like the constructs may run off: it is started small as well
  lapply(c(equal = "a*", free = "", small = "start(0.2)*"), function(mark) {
    fit <- suppressWarnings(cfa(paste(lines(blocks), all_on("M", blocks, mark), off, sep = "\n"), data, std.lv = TRUE))
    if (!lavInspect(fit, "converged")) return(list(converged = FALSE))
    s <- standardizedSolution(fit); l <- s[s$op == "=~", ]
    list(converged = TRUE, fit = take(fit), difference = gap(fit, own),
         admissible = suppressWarnings(lavInspect(fit, "post.check")),
         method = mean(l$est.std[l$lhs == "M"]^2), trait = mean(l$est.std[l$lhs != "M"]^2))
  })
}
out$method <- list(hs = method(hs, HS), svc = method(svc, SVC))

# CFA marker technique of Williams, Hartman & Cavazotte (2010), speed as marker of visual and textual
subst <- HS[1:2]; marker <- HS["speed"]
full <- cfa(lines(HS), hs, std.lv = TRUE)
e <- coef(full)
fixed <- paste0("speed =~ ", paste0(e[paste0("speed=~", marker$speed)], "*", marker$speed, collapse = " + "), "\n",
                paste0(marker$speed, " ~~ ", e[paste0(marker$speed, "~~", marker$speed)], "*", marker$speed, collapse = "\n"))
apart <- "\nspeed ~~ 0*visual + 0*textual"
base <- paste0(lines(subst), "\n", fixed, apart)
on <- function(mark) paste0("\nspeed =~ ", paste0(mark, unlist(subst), collapse = " + "))
fits <- list(cfa = full, baseline = cfa(base, hs, std.lv = TRUE), method_c = cfa(paste0(base, on("a*")), hs, std.lv = TRUE),
             method_u = cfa(paste0(base, on("")), hs, std.lv = TRUE))
r0 <- coef(fits$baseline)["visual~~textual"]
fits$method_r_c <- cfa(paste0(base, on("a*"), "\nvisual ~~ ", r0, "*textual"), hs, std.lv = TRUE)
fits$method_r_u <- cfa(paste0(base, on(""), "\nvisual ~~ ", r0, "*textual"), hs, std.lv = TRUE)
out$marker <- lapply(fits, take)

# Harman, full collinearity of scale scores, upper and lower 27 %
sums <- function(data, blocks) as.data.frame(lapply(blocks, function(v) rowMeans(data[v])))
vif <- function(d) sapply(names(d), function(n) 1 / (1 - summary(lm(reformulate(setdiff(names(d), n), n), d))$r.squared))
out$harman <- list(mobi = principal(mobi[unlist(MOBI)], 1)$values[1] / 24, hs = principal(hs[unlist(HS)], 1)$values[1] / 9)
out$vif <- list(mobi = as.list(vif(sums(mobi, MOBI))), hs = as.list(vif(sums(hs, HS))))
groups <- function(d, welch) {
  total <- rowSums(d); k <- round(.27 * nrow(d)); s <- sort(total)
  low <- total <= s[k]; high <- total >= s[nrow(d) - k + 1]
  lapply(d, function(x) { t <- t.test(x[high], x[low], var.equal = !welch)
    list(t = unname(t$statistic), df = unname(t$parameter), p = t$p.value, high = mean(x[high]), low = mean(x[low]),
         n_high = sum(high), n_low = sum(low)) })
}
out$discrimination <- list(welch = groups(mobi[MOBI$Quality], TRUE), student = groups(mobi[MOBI$Quality], FALSE))
write_json(out, "rival_models.json", digits = NA, auto_unbox = TRUE, pretty = FALSE, null = "null", na = "null")
