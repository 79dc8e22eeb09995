# lavaan's tests of nested models, every method by every estimator with a scaled test.
# Run in this folder: Rscript nested_tests.R nested_tests.json [folder of the battery's data]
suppressMessages({library(lavaan); library(jsonlite)})
HS <- HolzingerSwineford1939
three <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
democracy <- paste("ind60 =~ x1 + x2 + x3", "dem60 =~ y1 + %sy2 + %sy3 + y4", "dem65 =~ y5 + %sy6 + %sy7 + y8",
                   "dem60 ~ ind60", "dem65 ~ ind60 + dem60", "y1 ~~ y5\ny2 ~~ y6", sep = "\n")
pairs <- list(
  fixed = list(data = "HolzingerSwineford1939", models = c(three, paste0(three, "\nvisual ~~ 0*speed")), opts = list()),
  residual = list(data = "HolzingerSwineford1939", models = c(paste0(three, "\nx1 ~~ x9\nx7 ~~ x8"), three), opts = list()),
  labels = list(data = "PoliticalDemocracy", models = c(sprintf(democracy, "", "", "", ""), sprintf(democracy, "a*", "b*", "a*", "b*")), opts = list()),
  groups = list(data = "HolzingerSwineford1939", models = c(three, three), opts = list(group = "school"),
                equal = c("loadings")),
  intercepts = list(data = "HolzingerSwineford1939", models = c(three, three), opts = list(group = "school", group.equal = "loadings"),
                    equal = c("loadings", "intercepts")),
  covariate = list(data = "HolzingerSwineford1939",
                   models = c("visual =~ x1 + x2 + x3\nvisual ~ ageyr + sex\nx1 ~ ageyr", "visual =~ x1 + x2 + x3\nvisual ~ ageyr + 0*sex\nx1 ~ 0*ageyr"), opts = list()))
variants <- list(list(), list(method = "satorra.bentler.2001"), list(method = "satorra.bentler.2010"),
                 list(method = "satorra.2000"), list(method = "satorra.2000", scaled.shifted = FALSE),
                 list(method = "satorra.2000", A.method = "exact"),
                 list(method = "satorra.2000", A.method = "exact", scaled.shifted = FALSE))
data <- list(HolzingerSwineford1939 = HS, PoliticalDemocracy = PoliticalDemocracy)
out <- list()
for (name in names(pairs)) for (estimator in c("MLR", "MLM", "MLMV", "MLMVS", "ULSMV", "WLSMV")) {
  pair <- pairs[[name]]
  if (name == "covariate" && !(estimator %in% c("MLR", "MLM"))) next
  opts <- c(pair$opts, list(estimator = estimator))
  second <- if (is.null(pair$equal)) opts else c(opts[names(opts) != "group.equal"], list(group.equal = pair$equal))
  sets <- list(opts, second)
  fits <- lapply(1:2, function(k) suppressWarnings(do.call("sem", c(list(pair$models[k], data = data[[pair$data]]), sets[[k]]))))
  for (args in variants) {
    found <- tryCatch({
      t <- as.data.frame(suppressWarnings(do.call("lavTestLRT", c(fits, args))))
      list(chisq = t[2, "Chisq diff"], df = t[2, "Df diff"], p = t[2, "Pr(>Chisq)"])
    }, error = function(e) list(error = conditionMessage(e)))
    out[[length(out) + 1]] <- list(name = name, data = pair$data, models = pair$models, options = sets, args = args, expected = found)
  }
}
# Estimators without a scaled test, weights, clusters, incomplete rows, two levels
battery <- if (length(commandArgs(TRUE)) > 1) commandArgs(TRUE)[2] else "../../../shared/reference/data"
svc <- "tr =~ tru1 + tru2 + tru3 + tru4\nsa =~ sat1 + sat2 + sat3 + sat4\nsa ~ tr"
levels <- "level: 1\nfw =~ y1 + %sy2 + y3\nlevel: 2\nfb =~ y1 + %sy2 + y3"
line <- "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4\ni ~ x1\ns ~ x1\ni + s ~ 1\nt1 + t2 + t3 + t4 ~ 0*1"
zero <- paste0(three, "\nvisual ~~ 0*speed")
loose <- list(group = "school")
metric <- list(group = "school", group.equal = "loadings")
scalar <- list(group = "school", group.equal = c("loadings", "intercepts"))
none <- list()
sb <- list(none, list(method = "satorra.bentler.2001"), list(method = "satorra.bentler.2010"), list(method = "satorra.2000"))
browne <- list(none, list(type = "browne.residual.adf"))
HSd <- "HolzingerSwineford1939"
more <- list(
  list("gls", HSd, c(three, zero), none, none, "GLS", browne), list("uls", HSd, c(three, zero), none, none, "ULS", list(none)),
  list("wls", HSd, c(paste0(three, "\nx1 ~~ x9"), three), none, none, "WLS", list(none)), list("dwls", HSd, c(three, zero), none, none, "DWLS", list(none)),
  list("gls-groups", HSd, c(three, three), loose, scalar, "GLS", list(none)), list("uls-groups", HSd, c(three, three), metric, scalar, "ULS", list(none)),
  list("wishart-groups", HSd, c(three, three), c(loose, likelihood = "wishart"), c(metric, likelihood = "wishart"), "ML", list(none)),
  list("wishart-mlm", HSd, c(three, zero), list(likelihood = "wishart"), list(likelihood = "wishart"), "MLM", sb),
  list("browne-groups", HSd, c(three, three), loose, metric, "ML", browne), list("browne-means", HSd, c(three, three), metric, scalar, "ML", browne),
  list("growth", "Demo.growth", c(line, paste0(line, "\ni ~~ 0*s")), none, none, "MLR", sb),
  list("growth-mlm", "Demo.growth", c(line, paste0(line, "\nt1 ~~ e*t1\nt2 ~~ e*t2\nt3 ~~ e*t3\nt4 ~~ e*t4")), none, none, "MLM", sb),
  list("effects", HSd, c(three, three), c(loose, list(effect.coding = c("loadings", "intercepts"))), c(scalar, list(effect.coding = c("loadings", "intercepts"))), "MLR", sb),
  list("std-lv", HSd, c(three, three), c(metric, std.lv = TRUE), c(scalar, std.lv = TRUE), "MLM", sb),
  list("means", HSd, c(three, three), scalar, list(group = "school", group.equal = c("loadings", "intercepts", "means")), "MLR", sb),
  list("lv", HSd, c(three, three), metric, list(group = "school", group.equal = c("loadings", "lv.variances", "lv.covariances")), "MLMV", sb),
  list("weights", "svc_sim", c(svc, sub("sa ~ tr", "sa ~ 0.7*tr", svc)), list(sampling.weights = "weight"), list(sampling.weights = "weight"), "MLR", sb[1:2]),
  list("clusters", "svc_sim", c(svc, sub("sa ~ tr", "sa ~ 0.7*tr", svc)), list(cluster = "branch"), list(cluster = "branch"), "MLR", sb[1:2]),
  list("fiml", "svc_sim_missing", c(svc, sub("sa ~ tr", "sa ~ 0.7*tr", svc)), list(missing = "fiml"), list(missing = "fiml"), "MLR", sb[1:2]),
  list("fiml-groups", "svc_sim_missing", c(svc, svc), list(missing = "fiml", group = "gender"), list(missing = "fiml", group = "gender", group.equal = c("loadings", "intercepts")), "MLR", sb[1:2]),
  list("channels", "svc_sim", c(svc, svc), list(group = "channel", group.equal = "loadings"), list(group = "channel", group.equal = c("loadings", "regressions")), "MLMVS", sb),
  list("two-level", "Demo.twolevel", c(sprintf(levels, "", ""), sprintf(levels, "1*", "1*")), list(cluster = "cluster"), list(cluster = "cluster"), "ML", list(none)),
  list("two-level", "Demo.twolevel", c(sprintf(levels, "", ""), sprintf(levels, "1*", "1*")), list(cluster = "cluster"), list(cluster = "cluster"), "MLR", sb[1:2]))
for (each in more) {
  sets <- list(c(each[[4]], list(estimator = each[[6]])), c(each[[5]], list(estimator = each[[6]])))
  frame <- read.csv(file.path(battery, paste0(each[[2]], ".csv")))
  fits <- lapply(1:2, function(k) suppressWarnings(do.call("sem", c(list(each[[3]][k], data = frame), sets[[k]]))))
  for (args in each[[7]]) {
    found <- tryCatch({
      t <- as.data.frame(suppressWarnings(do.call("lavTestLRT", c(fits, args))))
      list(chisq = t[2, "Chisq diff"], df = t[2, "Df diff"], p = t[2, "Pr(>Chisq)"])
    }, error = function(e) list(error = conditionMessage(e)))
    out[[length(out) + 1]] <- list(name = each[[1]], data = each[[2]], models = each[[3]], options = sets, args = args, expected = found)
  }
}
write(toJSON(out, auto_unbox = TRUE, digits = 10, pretty = FALSE), commandArgs(TRUE)[1])
