# Further configurations for lavaan_breadth.R: options in combination, on the data sets of the battery.
hs3 <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
hs2 <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"
pd <- "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8\ndem60 ~ ind60\ndem65 ~ ind60 + dem60\ny1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8"
pd_equal <- "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + a*y2 + b*y3 + c*y4\ndem65 =~ y5 + a*y6 + b*y7 + c*y8\ndem60 ~ ind60\ndem65 ~ ind60 + dem60\ny1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8"
mimic <- paste0(hs2, "\nvisual + textual ~ sex + ageyr")
P <- "PoliticalDemocracy"
SV <- "svc_sim"
G <- "Demo.growth"
line <- "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4"
waves <- "i =~ 1*y1t1 + 1*y1t2 + 1*y1t3\ns =~ 0*y1t1 + 1*y1t2 + 2*y1t3"
sv <- "tr =~ tru1 + tru2 + tru3 + tru4\nsa =~ sat1 + sat2 + sat3 + sat4\nlo =~ loy1 + loy2 + loy3\nsa ~ tr\nlo ~ sa + tr"
covs <- list(Pasteur = "cov_hs_pasteur", `Grant-White` = "cov_hs_grantwhite")
means <- list(Pasteur = "mean_hs_pasteur", `Grant-White` = "mean_hs_grantwhite")

# Estimators by groups, equality lists, means and covariates
for (e in c("ML", "MLR", "MLM", "MLMV", "MLMVS", "MLF", "GLS", "ULS", "ULSM", "ULSMV", "ULSMVS", "WLS", "DWLS", "WLSM", "WLSMV", "WLSMVS")) {
  loose <- if (e %in% c("DWLS", "WLSM", "WLSMV", "WLSMVS")) "1e-4" else "1e-5"
  mi <- e %in% c("ML", "MLR", "MLM", "MLF", "GLS", "ULS", "WLS", "DWLS", "WLSMV")
  case(paste0("groups-scalar-", e), hs3, group = "school", group.equal = c("loadings", "intercepts"), estimator = e, mi = mi, tolerance = loose)
  case(paste0("groups-loadings-free-means-", e), hs2, group = "school", group.equal = "loadings", estimator = e, mi = mi, tolerance = loose)
  case(paste0("groups-partial-residuals-", e), hs2, group = "school", group.equal = c("loadings", "intercepts", "residuals"), group.partial = c("x3 ~ 1", "visual =~ x3", "x5 ~~ x5"), estimator = e, tolerance = loose)
  case(paste0("groups-no-means-", e), hs2, group = "school", meanstructure = FALSE, estimator = e, tolerance = loose)
  bare <- e == "WLS"  # the square of a variable with two values repeats its mean
  case(paste0("mimic-means-", e), if (bare) sub("sex \\+ ", "", mimic) else mimic, fun = "sem", meanstructure = TRUE, estimator = e, mi = mi, tolerance = loose)
  case(paste0("mimic-groups-", e), if (bare) sub("sex \\+ ", "", mimic) else mimic, fun = "sem", group = "school", estimator = e, group.equal = c("loadings", "regressions"), tolerance = loose)
  case(paste0("pd-equal-", e), pd_equal, data = P, fun = "sem", estimator = e, mi = mi, tolerance = loose)
  case(paste0("path-", e), "complaints ~ a*privileges + learning\nrating ~ b*complaints + learning\nraises ~ complaints + rating\nab := a*b", data = "attitude", fun = "sem", estimator = e, tolerance = loose)
  case(paste0("growth-", e), paste0(line, "\ni ~ x1\ns ~ x1 + x2"), data = G, fun = "growth", estimator = e, tolerance = loose)
  case(paste0("growth-groups-", e), waves, data = "exLong", fun = "growth", group = "sex", estimator = e, group.equal = "lv.variances", tolerance = loose)
  case(paste0("channels-", e), sv, data = SV, fun = "sem", group = "channel", group.equal = c("loadings", "regressions"), estimator = e, tolerance = loose)
  case(paste0("curved-", e), "y ~ b1*x1 + b2*x2 + b3*x3\nb1 == (b2 + b3)^2", data = "constr", fun = "sem", estimator = e, tolerance = "1e-4")
}
# Options beside one another
for (e in c("ML", "MLR", "MLM")) for (k in c("normal", "wishart")) {
  case(paste("wishart-means-scalar", e, k, sep = "-"), hs2, group = "school", group.equal = c("loadings", "intercepts", "means"), estimator = e, likelihood = k)
}
case("wishart-mimic", mimic, fun = "sem", likelihood = "wishart", mi = TRUE)
case("wishart-growth", paste0(line, "\ni + s ~ x1"), data = G, fun = "growth", likelihood = "wishart")
case("wishart-observed-groups", hs2, group = "school", group.equal = "loadings", likelihood = "wishart", information = "observed", mi = TRUE)
case("wishart-first-order", hs2, likelihood = "wishart", information = "first.order")
case("wishart-mlmv", pd_equal, data = P, fun = "sem", likelihood = "wishart", estimator = "MLMV")
for (info in c("expected", "observed", "first.order")) for (e in c("ML", "GLS", "ULS")) {
  if (info == "first.order" && e != "ML") next
  case(paste("information", info, e, sep = "-"), pd_equal, data = P, fun = "sem", estimator = e, information = info, meanstructure = TRUE, tolerance = if (info == "observed") "1e-4" else "1e-5")
}
for (s in c("standard", "robust.sem", "robust.huber.white", "none")) for (t in c("standard", "satorra.bentler", "yuan.bentler", "yuan.bentler.mplus", "mean.var.adjusted", "scaled.shifted")) {
  case(paste("errors", s, t, sep = "-"), hs2, group = "school", group.equal = "loadings", se = s, test = t)
}
for (t in c("satorra.bentler", "yuan.bentler", "yuan.bentler.mplus", "scaled.shifted")) {
  case(paste0("observed-", t), pd_equal, data = P, fun = "sem", information = "observed", test = t, se = "robust.huber.white")
  case(paste0("mlr-expected-", t), pd, data = P, fun = "sem", estimator = "MLR", information = "expected", test = t)
  case(paste0("means-constraint-", t), paste0(mimic, "\nx1 ~ i*1\nx2 ~ i*1"), fun = "sem", test = t, se = "robust")
}
case("tests-two-a", hs2, test = c("satorra.bentler", "yuan.bentler"))
case("tests-two-b", hs2, test = c("mean.var.adjusted", "satorra.bentler"), se = "robust", group = "school")
case("tests-two-c", hs2, test = c("standard", "scaled.shifted"))
case("tests-browne", hs3, test = c("standard", "browne.residual.adf", "browne.residual.nt"))
case("tests-browne-mlm", hs3, estimator = "MLM", test = "browne.residual.nt.model")
case("tests-none", hs3, test = "none")
case("tests-mlr-sb", hs3, estimator = "MLR", test = "satorra.bentler")
case("tests-uls-sb-means", hs2, estimator = "ULS", test = "satorra.bentler", se = "robust.sem", meanstructure = TRUE)
case("tests-dwls-robust-groups", hs2, estimator = "DWLS", test = "mean.var.adjusted", se = "robust.sem", group = "school", tolerance = "1e-4")
case("tests-wls-robust", hs2, estimator = "WLS", se = "robust.sem")

# Scaling of latent variables
case("effects-groups-mlr", hs3, effect.coding = TRUE, group = "school", estimator = "MLR")
case("effects-groups-loadings-only", hs3, effect.coding = "loadings", group = "school", group.equal = "loadings", mi = TRUE)
case("effects-groups-partial", hs2, effect.coding = TRUE, group = "school", group.equal = c("loadings", "intercepts"), group.partial = c("visual =~ x2", "x2 ~ 1"))
case("effects-intercepts", hs2, effect.coding = "intercepts", meanstructure = TRUE)
case("effects-sem", pd, data = P, fun = "sem", effect.coding = TRUE, meanstructure = TRUE)
case("effects-fiml", hs2, data = "hs_missing", effect.coding = TRUE, missing = "fiml", estimator = "MLR")
case("effects-second-order", paste0(hs3, "\ng =~ visual + textual + speed"), effect.coding = "loadings")
case("effects-gls", hs2, effect.coding = TRUE, estimator = "GLS", meanstructure = TRUE)
case("stdlv-groups", hs3, std.lv = TRUE, group = "school", estimator = "MLM")
case("stdlv-groups-strict", hs3, std.lv = TRUE, group = "school", group.equal = c("loadings", "intercepts", "residuals", "lv.variances"), estimator = "MLR")
case("stdlv-sem-groups", sv, data = SV, fun = "sem", std.lv = TRUE, group = "gender", group.equal = c("loadings", "regressions"))
case("stdlv-means-equal", hs2, std.lv = TRUE, group = "school", group.equal = c("loadings", "intercepts", "means", "lv.covariances"))
case("stdlv-second-order-groups", paste0(hs3, "\ng =~ visual + textual + speed"), std.lv = TRUE, group = "school", tolerance = "1e-4")
case("orthogonal-groups-mlr", hs3, orthogonal = TRUE, group = "school", estimator = "MLR", mi = TRUE)
case("orthogonal-mimic", paste0(hs2, "\nvisual ~ sex"), fun = "sem", orthogonal = TRUE, mi = TRUE)
case("bifactor-groups", "g =~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9\nspeed =~ x7 + x8 + x9", orthogonal = TRUE, std.lv = TRUE, group = "school", group.equal = "loadings", tolerance = "1e-4")
case("bifactor-svc-mlr", "g =~ tan1 + tan2 + tan3 + rel1 + rel2 + rel3 + res1 + res2 + res3\na =~ tan1 + tan2 + tan3\nb =~ rel1 + rel2 + rel3\nc =~ res1 + res2 + res3", data = SV, orthogonal = TRUE, std.lv = TRUE, estimator = "MLR", tolerance = "1e-4", scores = TRUE)
case("marker-other", "visual =~ NA*x1 + 1*x2 + x3\ntextual =~ x4 + NA*x5 + 1*x6\nx4 ~~ 0.3*x4", mi = TRUE)

# Lists of equalities
for (q in list("intercepts", "means", "residuals", "residual.covariances", "lv.variances", "lv.covariances", "regressions", c("loadings", "lv.variances", "lv.covariances"), c("loadings", "intercepts", "residuals", "residual.covariances", "lv.variances", "lv.covariances", "means", "regressions"), c("loadings", "composite.loadings")))
  case(paste(c("equal", q), collapse = "-"), paste0(hs2, "\nx1 ~~ x4\ntextual ~ visual"), fun = "sem", group = "school", group.equal = q, tolerance = "1e-5")
case("equal-grade-four-groups", sv, data = SV, fun = "sem", group = "channel", group.equal = c("loadings", "intercepts", "residuals"), group.partial = c("tr=~tru2", "tru3~1", "sat1~~sat1", "lo~sa"), estimator = "MLR", mi = TRUE)
case("equal-regressions-partial", sv, data = SV, fun = "sem", group = "gender", group.equal = c("loadings", "regressions"), group.partial = "lo ~ sa", estimator = "MLM")
case("equal-labels-and-list", "visual =~ x1 + c(a, b)*x2 + c(d, d)*x3\ntextual =~ x4 + x5 + x6\na == b", group = "school", group.equal = "intercepts")
case("equal-labels-inequality", "visual =~ x1 + c(a, b)*x2 + x3\ntextual =~ x4 + x5 + x6\na > 0.2\nb < 3", group = "school")
case("equal-thresholded-means", paste0(hs2, "\nvisual ~ c(m1, m2)*1\ntextual ~ c(0, NA)*1\nm1 + m2 == 0"), group = "school", group.equal = c("loadings", "intercepts"))
case("equal-group-blocks", "group: 1\nvisual =~ x1 + a*x2 + x3\ntextual =~ x4 + x5 + x6\ngroup: 2\nvisual =~ x1 + a*x2 + x3\ntextual =~ x4 + x5 + x6", group = "school", estimator = "MLR")
case("group-numeric", hs2, group = "sex", group.equal = "loadings", mi = TRUE, scores = TRUE)
case("group-defined", "pmi ~ c(a1, a2)*cond\nreaction ~ c(c1, c2)*cond + c(b1, b2)*pmi\ni1 := a1*b1\ni2 := a2*b2\nd := i1 - i2\nr := i1^2/exp(c1)", data = "Tal_Or", fun = "sem", group = "gender", estimator = "MLR")
case("group-defined-ml", "pmi ~ c(a1, a2)*cond + age\nreaction ~ c(c1, c2)*cond + c(b, b)*pmi\ni1 := a1*b\ni2 := a2*b\nd := i1 - i2", data = "Tal_Or", fun = "sem", group = "gender")

# Mediation, moderation, panels
case("mediation-parallel", "import ~ a1*cond\npmi ~ a2*cond\nreaction ~ cp*cond + b1*import + b2*pmi\nimport ~~ pmi\ni1 := a1*b1\ni2 := a2*b2\ncontrast := i1 - i2\ntotal := cp + i1 + i2", data = "Tal_Or", fun = "sem", mi = TRUE)
case("mediation-parallel-mlm", "import ~ a1*cond + age\npmi ~ a2*cond + age\nreaction ~ cp*cond + b1*import + b2*pmi\ni1 := a1*b1\ni2 := a2*b2\ntotal := cp + i1 + i2", data = "Tal_Or", fun = "sem", estimator = "MLM", meanstructure = TRUE)
case("moderated-mediation-garcia", "respappr ~ a1*prot2 + a2*sexismc + a3*protXsex\nliking ~ cp*prot2 + b*respappr + sexismc + protXsex\nimm := a3*b\nlow := (a1 + a3*(-0.784))*b\nhigh := (a1 + a3*0.784)*b", data = "garcia_prod", fun = "sem", meanstructure = TRUE, tolerance = "1e-5")
case("moderated-mediation-robust", "respappr ~ a1*prot2 + a2*sexismc + a3*protXsex\nliking ~ cp*prot2 + b*respappr + sexismc + protXsex\nimm := a3*b", data = "garcia_prod", fun = "sem", estimator = "MLR")
case("moderated-colon", "respappr ~ prot2 + sexism + prot2:sexism\nliking ~ respappr + prot2", data = "Garcia", fun = "sem", estimator = "MLR", tolerance = "1e-4")
case("latent-interaction-rc", "f1 =~ x1 + x2 + x3\nf2 =~ x4 + x5 + x6\nf12 =~ x1.x4 + x2.x5 + x3.x6\nf3 =~ x7 + x8 + x9\nf3 ~ f1 + f2 + f12\nf12 ~~ 0*f1 + 0*f2\nx1 + x4 + x1.x4 + x7 ~ 0*1\nf1 + f2 + f12 + f3 ~ NA*1", data = "dat2way_rc", fun = "sem", meanstructure = TRUE)
case("latent-interaction-mlm", "f1 =~ x1 + x2 + x3\nf2 =~ x4 + x5 + x6\nf12 =~ x1.x4 + x2.x5 + x3.x6\nf3 =~ x7 + x8 + x9\nf3 ~ f1 + f2 + f12", data = "dat2way_dmc", fun = "sem", estimator = "MLM", std.lv = TRUE, mi = TRUE)
case("latent-three", "f1 =~ x1 + x2 + x3\nf2 =~ x4 + x5 + x6\nf3 =~ x7 + x8 + x9\nf4 =~ x10 + x11 + x12\nf4 ~ f1 + f2 + f3", data = "dat3way", fun = "sem", mi = TRUE, scores = TRUE)
case("regression-iris-groups", "Sepal.Length ~ Sepal.Width + b*Petal.Length", data = "iris", fun = "sem", group = "Species")
case("path-mtcars", "mpg ~ hp + wt\nhp ~ disp + cyl\nwt ~ disp\nqsec ~ hp + wt", data = "mtcars", fun = "sem", mi = TRUE, tolerance = "1e-4")
case("path-mtcars-mlmv", "mpg ~ hp + wt\nwt ~ drat", data = "mtcars", fun = "sem", estimator = "MLMV", fixed.x = FALSE, meanstructure = TRUE)
case("path-nonrecursive", "complaints ~ rating + privileges\nrating ~ complaints + learning\ncomplaints ~~ rating", data = "attitude", fun = "sem", tolerance = "1e-4")
case("path-orthogonal-residuals", "rating + raises ~ complaints + learning\nrating ~~ 0*raises", data = "attitude", fun = "sem", mi = TRUE)
case("path-equal-variances", "rating ~ complaints\nraises ~ complaints\nrating ~~ v*rating\nraises ~~ v*raises\nrating ~~ w*raises\nw > 0", data = "attitude", fun = "sem")
case("path-freex-mlr-means", "rating ~ complaints + learning\nadvance ~ raises", data = "attitude", fun = "sem", fixed.x = FALSE, estimator = "MLR", meanstructure = TRUE)
case("path-covariate-covariance-named", "rating ~ complaints + learning\ncomplaints ~~ learning", data = "attitude", fun = "sem")
case("path-covariate-mean-named", "rating ~ complaints + learning\ncomplaints ~ 1", data = "attitude", fun = "sem", fixed.x = TRUE)
case("correlation-only", "rating ~~ complaints\nlearning ~~ rating", data = "attitude", fun = "sem", mi = TRUE)
case("means-only", "rating ~ 1\ncomplaints ~ 1\nrating ~~ complaints", data = "attitude", fun = "sem")
case("means-equal", "rating ~ m*1\ncomplaints ~ m*1\nlearning ~ m*1\nrating ~~ complaints + learning\ncomplaints ~~ learning", data = "attitude", fun = "sem", estimator = "MLR")
case("panel-groups", "y1t2 ~ a*y1t1\ny1t3 ~ a*y1t2\ny2t2 ~ y2t1 + y1t1\ny2t3 ~ y2t2\ny1t2 ~~ y2t2", data = "exLong", fun = "sem", group = "sex", estimator = "MLR", mi = TRUE)
case("constraint-sum", "y ~ b1*x1 + b2*x2 + b3*x3\nb1 + b2 + b3 == 1\nb1 == 2*b2", data = "constr", fun = "sem", estimator = "MLR", tolerance = "1e-4")
case("constraint-linear-inequality", "y ~ b1*x1 + b2*x2 + b3*x3\nb1 > b2 + 0.1\nb3 < 1", data = "constr", fun = "sem", polish = FALSE, tolerance = "1e-3")
case("constraint-nonlinear-mlr", "y ~ b1*x1 + b2*x2 + b3*x3\nb1 == (b2 + b3)^2", data = "constr", fun = "sem", estimator = "MLR", meanstructure = TRUE, tolerance = "1e-4")
case("constraint-nonlinear-free", "y ~ b1*x1 + b2*x2 + b3*x3\nb1*b2 == 0.1", data = "constr", fun = "sem", fixed.x = FALSE, tolerance = "1e-4")
case("constraint-defined-in-constraint", "visual =~ x1 + a*x2 + b*x3\nm := (a + b)/2\nm == 0.7", tolerance = "1e-4")
case("constraint-loadings-groups-nonlinear", "visual =~ x1 + c(a1, a2)*x2 + c(b1, b2)*x3\ntextual =~ x4 + x5 + x6\na1*b2 == a2*b1", group = "school", tolerance = "1e-4")
case("constraint-fiml", "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\na == b^2\nc == d", data = "hs_missing", missing = "fiml", estimator = "MLR", tolerance = "1e-4")
case("constraint-variance-one", "visual =~ a*x1 + b*x2 + c*x3\nvisual ~~ NA*visual\na^2 + b^2 + c^2 == 3", tolerance = "1e-4")
case("constraint-correlation", "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nvisual ~~ c*textual\nc == 0.3", std.lv = TRUE)

# Growth
case("growth-covariates-varying-mlm", paste0(line, "\ni ~ x1 + x2\ns ~ x1 + x2\nt1 ~ c1\nt2 ~ c2\nt3 ~ c3\nt4 ~ c4"), data = G, fun = "growth", estimator = "MLM")
case("growth-covariates-freex", paste0(line, "\ni ~ x1 + x2\ns ~ x1 + x2"), data = G, fun = "growth", fixed.x = FALSE, mi = TRUE)
case("growth-nonlinear-time", "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + a*t2 + b*t3 + 3*t4\na == b/2", data = G, fun = "growth", tolerance = "1e-4")
case("growth-groups-means-equal", waves, data = "exLong", fun = "growth", group = "sex", group.equal = "means", estimator = "MLR", mi = TRUE)
case("growth-groups-labels", "i =~ 1*y1t1 + 1*y1t2 + 1*y1t3\ns =~ 0*y1t1 + 1*y1t2 + 2*y1t3\ni ~ c(mi, mi)*1\ns ~ c(s1, s2)*1\nd := s1 - s2\ny1t1 ~~ c(e, e)*y1t1\ny1t2 ~~ c(e, e)*y1t2\ny1t3 ~~ c(e, e)*y1t3", data = "exLong", fun = "growth", group = "sex", tolerance = "1e-5")
case("growth-second-order", "f1 =~ y1t1 + a*y2t1 + b*y3t1\nf2 =~ y1t2 + a*y2t2 + b*y3t2\nf3 =~ y1t3 + a*y2t3 + b*y3t3\ni =~ 1*f1 + 1*f2 + 1*f3\ns =~ 0*f1 + 1*f2 + 2*f3\ny1t1 ~ 0*1\ny1t2 ~ 0*1\ny1t3 ~ 0*1\ny2t1 ~ k*1\ny2t2 ~ k*1\ny2t3 ~ k*1\ny3t1 ~ l*1\ny3t2 ~ l*1\ny3t3 ~ l*1\nf1 + f2 + f3 ~ 0*1", data = "exLong", fun = "growth", tolerance = "1e-4")
case("growth-wishart-observed", line, data = G, fun = "growth", information = "observed", mi = TRUE, scores = TRUE)
case("growth-wlsmv", line, data = G, fun = "growth", estimator = "WLSMV", tolerance = "1e-4")
case("growth-mlmvs", line, data = G, fun = "growth", estimator = "MLMVS")
case("growth-stdlv-off-sem", paste0(line, "\ni ~ 1\ns ~ 1\nt1 + t2 + t3 + t4 ~ 0*1"), data = G, fun = "sem")
case("growth-means-by-sem-marker", "f =~ t1 + t2 + t3 + t4\nf ~ 1\nt1 ~ 0*1", data = G, fun = "sem", mi = TRUE)
case("growth-lcsm", "f1 =~ 1*t1\nf2 =~ 1*t2\nt1 ~~ 0.5*t1\nt2 ~~ 0.5*t2\nf2 ~ 1*f1\nd =~ 1*f2\nf2 ~~ 0*f2\nd ~~ f1\nt1 + t2 ~ 0*1\nf1 + d ~ 1\nf2 ~ 0*1", data = G, fun = "sem")

# Matrices
case("cov-groups-stdlv-scalar", hs3, cov = covs, nobs = c(156, 145), means = means, group.equal = c("loadings", "intercepts"), std.lv = TRUE, mi = TRUE)
case("cov-groups-gls", hs3, cov = covs, nobs = c(156, 145), estimator = "GLS", group.equal = "loadings")
case("cov-groups-uls-means", hs3, cov = covs, nobs = c(156, 145), means = means, estimator = "ULS")
case("cov-groups-means-partial", hs2, cov = covs, nobs = c(156, 145), means = means, group.equal = c("loadings", "intercepts", "means"), group.partial = "x1~1")
case("cov-groups-observed", hs2, cov = covs, nobs = c(156, 145), information = "observed", group.equal = c("loadings", "residuals"))
case("cov-correlation-stdlv", "spatial =~ VisualPerception + Cubes + PaperFormBoard + Flags\nverbal =~ GeneralInformation + PargraphComprehension + SentenceCompletion\nspatial ~~ verbal", cov = list(all = "cor_Harman74"), nobs = 145, std.lv = TRUE, mi = TRUE)
case("cov-correlation-wishart", "v =~ Sentences + Vocabulary + Sent.Completion\nw =~ First.Letters + Four.Letter.Words + Suffixes\nr =~ Letter.Series + Pedigrees + Letter.Group\ng =~ v + w + r", cov = list(all = "cor_Thurstone"), nobs = 213, likelihood = "wishart")
case("cov-thurstone-observed", "v =~ Sentences + Vocabulary + Sent.Completion\nw =~ First.Letters + Four.Letter.Words + Suffixes\nr =~ Letter.Series + Pedigrees + Letter.Group", cov = list(all = "cor_Thurstone"), nobs = 213, information = "observed", sample.cov.rescale = FALSE, orthogonal = TRUE, mi = TRUE)
case("cov-wheaton-wishart", "ses =~ education + sei\nal67 =~ anomia67 + powerless67\nal71 =~ anomia71 + powerless71\nal67 ~ ses\nal71 ~ al67 + ses\nanomia67 ~~ anomia71", fun = "sem", cov = list(all = "cov_wheaton"), nobs = 932, likelihood = "wishart", std.lv = TRUE, mi = TRUE)
case("cov-peer-fixed", "ROccAsp ~ RIQ + RSES + FOccAsp\nFOccAsp ~ FIQ + FSES + ROccAsp\nROccAsp ~~ FOccAsp", fun = "sem", cov = list(all = "cor_peer_aspirations"), nobs = 329, fixed.x = TRUE)
case("cov-peer-free", "RGenAsp =~ ROccAsp + a*REdAsp\nFGenAsp =~ FOccAsp + a*FEdAsp\nRGenAsp ~ b*RIQ + RSES\nFGenAsp ~ b*FIQ + FSES", fun = "sem", cov = list(all = "cor_peer_aspirations"), nobs = 329, fixed.x = FALSE, mi = TRUE)
case("cov-path", "al =~ anomia67 + powerless67\nanomia71 ~ al + education\npowerless71 ~ anomia71", fun = "sem", cov = list(all = "cov_wheaton"), nobs = 932, estimator = "GLS")

# Incomplete rows
for (e in c("ML", "MLR", "MLF")) {
  case(paste0("fiml-stdlv-scalar-", e), hs2, data = "hs_missing", polish = FALSE, missing = "fiml", estimator = e, std.lv = TRUE, group = "school", group.equal = c("loadings", "intercepts"), tolerance = "1e-4")
  case(paste0("fiml-sem-", e), pd_equal, data = "pd_missing", polish = FALSE, fun = "sem", missing = "ml", estimator = e, tolerance = "1e-4")
  case(paste0("fiml-svc-", e), sv, data = "svc_sim_missing", polish = FALSE, fun = "sem", missing = "fiml", estimator = e, tolerance = "1e-4", scores = TRUE)
  case(paste0("fiml-svc-groups-", e), sv, data = "svc_sim_missing", polish = FALSE, fun = "sem", missing = "fiml", estimator = e, group = "gender", group.equal = c("loadings", "intercepts", "regressions"), tolerance = "1e-4")
  case(paste0("fiml-bfi-", e), "A =~ A1 + A2 + A3 + A4 + A5\nC =~ C1 + C2 + C3 + C4 + C5", data = "bfi", polish = FALSE, missing = "fiml", estimator = e, tolerance = "1e-4", mi = e == "ML")
  case(paste0("fiml-satact-", e), "SATV ~ ACT + education\nSATQ ~ ACT + age\nSATV ~~ SATQ", data = "sat.act", polish = FALSE, fun = "sem", missing = "fiml", estimator = e, tolerance = "1e-4")
}
case("fiml-auxiliary-mlr", "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nageyr ~~ x1 + x2 + x3 + x4 + x5 + x6\nsex ~~ ageyr + x1 + x2 + x3 + x4 + x5 + x6", data = "hs_missing", polish = FALSE, fun = "sem", missing = "fiml", estimator = "MLR", tolerance = "1e-4")
case("fiml-observed-h1", hs3, data = "hs_missing", polish = FALSE, missing = "fiml", information = "observed", mi = TRUE, scores = TRUE, tolerance = "1e-4")
case("fiml-mimic-groups", paste0(hs2, "\nvisual ~ ageyr"), data = "hs_missing", fun = "sem", missing = "fiml", group = "school", group.equal = "regressions", tolerance = "1e-4")
case("fiml-second-order-mlr", paste0(hs3, "\ng =~ visual + textual + speed"), data = "hs_missing", missing = "fiml", estimator = "MLR", mi = TRUE, scores = TRUE, tolerance = "1e-4")
case("two-stage-groups", hs2, data = "hs_missing", polish = FALSE, missing = "two.stage", group = "school", group.equal = "loadings", tolerance = "1e-3")
case("two-stage-robust-equal", "visual =~ x1 + a*x2 + a*x3\ntextual =~ x4 + b*x5 + b*x6", data = "hs_missing", polish = FALSE, missing = "robust.two.stage", tolerance = "1e-3")
case("two-stage-robust-groups-scalar", hs2, data = "hs_missing", polish = FALSE, missing = "robust.two.stage", group = "school", group.equal = c("loadings", "intercepts"), tolerance = "1e-3")
case("two-stage-sem", pd, data = "pd_missing", polish = FALSE, fun = "sem", missing = "two.stage", tolerance = "1e-3")
case("two-stage-sem-robust", pd, data = "pd_missing", polish = FALSE, fun = "sem", missing = "robust.two.stage", tolerance = "1e-3")
case("listwise-mlr-groups", sv, data = "svc_sim_missing", fun = "sem", missing = "listwise", group = "gender", estimator = "MLR")
case("listwise-gls", hs2, data = "hs_missing", estimator = "GLS", group = "school")
case("pairwise-hs", hs3, data = "hs_missing", polish = FALSE, missing = "pairwise", tolerance = "1e-4")

# Weights and clusters
case("weights-fiml-svc", sv, data = "svc_sim_missing", polish = FALSE, fun = "sem", sampling.weights = "weight", missing = "fiml", estimator = "MLR", tolerance = "1e-4")
case("weights-fiml-groups", sv, data = "svc_sim_missing", polish = FALSE, fun = "sem", sampling.weights = "weight", missing = "fiml", estimator = "MLR", group = "gender", tolerance = "1e-4")
case("weights-means", sv, data = SV, fun = "sem", sampling.weights = "weight", estimator = "MLR", meanstructure = TRUE, mi = TRUE)
case("weights-ml", sv, data = SV, fun = "sem", sampling.weights = "weight")
case("weights-groups-strict", sv, data = SV, fun = "sem", sampling.weights = "weight", estimator = "MLR", group = "channel", group.equal = c("loadings", "intercepts", "residuals"))
case("weights-mimic", paste0("sa =~ sat1 + sat2 + sat3\nsa ~ age + gender"), data = SV, fun = "sem", sampling.weights = "weight", estimator = "MLR", mi = TRUE)
case("weights-wishart", "sa =~ sat1 + sat2 + sat3 + sat4", data = SV, fun = "sem", sampling.weights = "weight", likelihood = "wishart")
case("cluster-fiml", sv, data = "svc_sim_missing", polish = FALSE, fun = "sem", cluster = "branch", missing = "fiml", estimator = "MLR", tolerance = "1e-4")
case("cluster-fiml-groups", sv, data = "svc_sim_missing", polish = FALSE, fun = "sem", cluster = "branch", missing = "fiml", estimator = "MLR", group = "gender", tolerance = "1e-4")
case("cluster-mimic-equal", "sa =~ sat1 + a*sat2 + a*sat3\nsa ~ age + gender", data = SV, fun = "sem", cluster = "branch", mi = TRUE)
case("cluster-mlmv", sv, data = SV, fun = "sem", cluster = "branch", estimator = "MLMV")
case("cluster-growth", "i =~ 1*y1 + 1*y2 + 1*y3\ni ~ x1", data = "Demo.twolevel", fun = "growth", cluster = "cluster")
case("cluster-weights-groups", sv, data = SV, fun = "sem", cluster = "branch", sampling.weights = "weight", estimator = "MLR", group = "gender", group.equal = "loadings")

# Bounds
for (b in c("standard", "wide", "pos.var", "pos.ov.var", "pos.lv.var", "default", "none")) {
  case(paste0("bounds-", b), hs3, bounds = b, polish = FALSE)
  case(paste0("bounds-heywood-", b), "f =~ y1 + y2 + y3", data = "heywood", bounds = b, polish = FALSE, tolerance = "1e-4")
}
case("bounds-groups", hs2, bounds = "wide", group = "school", group.equal = "loadings", estimator = "MLR", polish = FALSE)
case("bounds-sem-stdlv", pd, data = P, fun = "sem", bounds = TRUE, std.lv = TRUE, polish = FALSE)
case("bounds-lvnpd", "f =~ y1 + y2\ng =~ y3 + y4", data = "lvnpd", bounds = "standard", polish = FALSE, problem = TRUE)

# Syntax
case("syntax-lower-upper", "visual =~ x1 + lower(0.1)*x2 + upper(2)*x3\ntextual =~ x4 + x5 + x6", polish = FALSE)
case("syntax-semicolons", "f =~ x1 + x2 + x3; g =~ x4 + x5 + x6 # comment\n! another\nf ~~ g", mi = TRUE)
case("syntax-repeated-lhs", "f + g =~ x1 + x2 + x3 + x4 + x5 + x6\nf =~ 0*x4 + 0*x5\ng =~ 0*x1 + 0*x2\nf ~~ 0*g", problem = TRUE)
case("syntax-label-and-start", "visual =~ x1 + a*x2 + start(0.9)*x2 + x3\ntextual =~ x4 + label(\"b\")*x5 + x6\na == b")
case("syntax-composite-groups", "comp <~ 1*x1 + x2 + x3\ntextual =~ x4 + x5 + x6\ntextual ~ comp", fun = "sem", group = "school", tolerance = "1e-4")
case("syntax-observed-as-factor", "visual =~ x1 + x2 + x3\nx9 ~ visual\nx9 ~~ x8\ntextual =~ x4 + x5 + x6\nx8 ~ textual", fun = "sem", mi = TRUE)
case("syntax-indicator-regression", paste0(hs2, "\nx6 ~ x1\nx5 ~ visual"), fun = "sem", mi = TRUE)
case("syntax-factor-on-indicator", "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\ntextual ~ x1", fun = "sem", tolerance = "1e-4")

# Two levels
levels <- function(id, model) case(paste0("twolevel-mlr-", id), model, data = "Demo.twolevel", fun = "sem", cluster = "cluster", estimator = "MLR", tolerance = "1e-3", polish = FALSE)
levels("cfa", "level: 1\nfw =~ y1 + y2 + y3\nlevel: 2\nfb =~ y1 + y2 + y3")
levels("covariates", "level: 1\nfw =~ y1 + y2 + y3\nfw ~ x1 + x2 + x3\nlevel: 2\nfb =~ y1 + y2 + y3\nfb ~ w1 + w2")
levels("equal-loadings", "level: 1\nfw =~ y1 + a*y2 + b*y3\nlevel: 2\nfb =~ y1 + a*y2 + b*y3")
levels("two-factors", "level: 1\nf1 =~ y1 + y2 + y3\nf2 =~ y4 + y5 + y6\nlevel: 2\ng1 =~ y1 + y2 + y3\ng2 =~ y4 + y5 + y6")

# Latent variables that nothing measures
case("unmeasured-mimic", "p =~ 0\np ~ x1 + x2\nx4 ~ 1*p\nx5 ~ p\np ~~ 0*p", fun = "sem")
case("unmeasured-change", "d =~ 0\nt2 ~ 1*t1 + 1*d\nt2 ~~ 0*t2\nd ~ t1\nd ~ 1\nt2 ~ 0*1", data = G, fun = "sem")

# Exploratory blocks
e2 <- "efa(\"e\")*f1 + efa(\"e\")*f2 =~ x1 + x2 + x3 + x4 + x5 + x6"
few <- list(rstarts = 10)
E <- function(id, m, ..., a = list()) case(paste0("esem-more-", id), m, ..., fun = "sem", rotation.args = c(few, a), tolerance = "1e-3", polish = FALSE)
for (r in c("geomin", "oblimin", "quartimin", "varimax")) {
 E(paste0(r,"-fiml"), e2, data = "hs_missing", missing = "fiml", rotation = r)
 E(paste0(r,"-mlm-means"), e2, estimator = "MLM", meanstructure = TRUE, rotation = r)
 E(paste0(r,"-groups-mlr"), e2, estimator = "MLR", group = "school", rotation = r)
 E(paste0(r,"-mimic-mlr"), paste0(e2, "\nf1 + f2 ~ ageyr + sex"), estimator = "MLR", rotation = r)
 E(paste0(r,"-outcome"), paste0(e2, "\nx9 ~ f1 + f2"), rotation = r)
 E(paste0(r,"-two-blocks"), "efa(\"a\")*f1 + efa(\"a\")*f2 =~ x1 + x2 + x3 + x4 + x5 + x6\nefa(\"b\")*g1 =~ x7 + x8 + x9", rotation = r)
 E(paste0(r,"-wishart"), e2, likelihood = "wishart", rotation = r)
 E(paste0(r,"-observed"), e2, information = "observed", rotation = r)
 E(paste0(r,"-errors"), paste0(e2, "\nx1 ~~ x2"), rotation = r)
}
E("geomin-eps", e2, rotation = "geomin", a = list(geomin.epsilon = 0.05))
E("uls", e2, estimator = "ULS", rotation = "oblimin"); E("gls", e2, estimator = "GLS", rotation = "oblimin")
E("std-ov-geomin", e2, rotation = "geomin", a = list(std.ov = FALSE))
E("svc", "efa(\"e\")*a + efa(\"e\")*b + efa(\"e\")*c =~ tan1+tan2+tan3+rel1+rel2+rel3+res1+res2+res3\nsa =~ sat1+sat2+sat3\nsa ~ a + b + c", data = "svc_sim", rotation = "oblimin", estimator = "MLR")
E("four", "efa(\"e\")*a + efa(\"e\")*b + efa(\"e\")*c + efa(\"e\")*d =~ tan1+tan2+tan3+rel1+rel2+rel3+res1+res2+res3+ass1+ass2+ass3", data = "svc_sim", rotation = "geomin")
case("esem-more-promax-mlr", e2, fun="sem", rotation="promax", estimator="MLR", tolerance = "1e-3", polish = FALSE)
case("esem-more-cov", e2, fun="sem", cov=list(all="cov_hs_pasteur"), nobs=156, rotation="oblimin", tolerance = "1e-3", polish = FALSE)

# What is rarer
L <- function(id, m, ...) case(paste0("last-", id), m, ...)
L("grade-groups", hs3, group = "grade", group.equal = c("loadings", "intercepts", "lv.variances"), mi = TRUE, scores = TRUE)
L("intercept-labels", paste0(hs3, "\nx1 ~ c(i1, i2)*1\nx4 ~ c(i1, i3)*1\nd := i2 - i3"), group = "school", estimator = "MLR")
L("start-c", "visual =~ x1 + start(c(0.5, 0.9))*x2 + c(0.7, NA)*x3", group = "school")
L("defined-chain", "x1 ~ a*x2 + b*x3\nx4 ~ c*x1\nac := a*c\nbc := b*c\ntot := ac + bc\nrat := ac/tot\nsq := tot^2\nlg := log(a) - exp(b*c)", fun = "sem", estimator = "MLM")
L("constraint-defined", "x1 ~ a*x2 + b*x3\nx4 ~ c*x1\nac := a*c\nbc := b*c\nac == bc", fun = "sem", tolerance = "1e-4")
L("lv-covariates-latent-interaction", "f1 =~ x1 + x2 + x3\nf2 =~ x4 + x5 + x6\nf3 =~ x7 + x8 + x9\nf3 ~ b1*f1 + b2*f2\nf1 ~~ r*f2\nb1 == b2", fun = "sem", data = "dat2way_dmc", mi = TRUE, scores = TRUE)
L("cfa-lv-mean-groups-nomean", "visual =~ x1 + x2 + x3\nvisual ~~ c(v, v)*visual", group = "school", group.equal = "loadings", meanstructure = FALSE, likelihood = "wishart")
L("mimic-freex-mlr", paste0(hs3, "\nvisual + speed ~ sex + ageyr"), fun = "sem", fixed.x = FALSE, estimator = "MLR", meanstructure = TRUE, mi = TRUE)
L("cfa-residual-covariance-groups", paste0(hs3, "\nx7 ~~ c(r, r)*x8\nx1 ~~ x9"), group = "school", group.equal = c("loadings", "residual.covariances"), mi = TRUE)
L("cfa-bollen-latent-basis-mlr", "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + a*t2 + b*t3 + 1*t4\na < b\nt1 ~~ e*t1\nt2 ~~ e*t2\nt3 ~~ e*t3\nt4 ~~ e*t4", data = G, fun = "growth", estimator = "MLR", polish = FALSE, tolerance = "1e-4")
L("growth-predictor-outcome", "i =~ 1*t1 + 1*t2 + 1*t3 + 1*t4\ns =~ 0*t1 + 1*t2 + 2*t3 + 3*t4\ni + s ~ x1 + x2\nc4 ~ i + s + x1", data = G, fun = "growth", mi = TRUE)
L("pd-second-order", "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8\ndem =~ dem60 + dem65\ndem ~ ind60\ny1 ~~ y5", data = P, fun = "sem", tolerance = "1e-4", scores = TRUE)
L("pd-mlr-stdlv-means-equal", "dem60 =~ a*y1 + b*y2 + c*y3 + d*y4\ndem65 =~ a*y5 + b*y6 + c*y7 + d*y8\ny1 ~ i*1\ny5 ~ i*1\ndem65 ~ NA*1\ndem65 ~~ NA*dem65\ndem60 ~~ dem65", data = P, fun = "cfa", std.lv = TRUE, estimator = "MLR", mi = TRUE)
L("facialburns-groups-mlr", "Selfesteem ~ Age + c(m1,m2)*HADS + TBSA\nHADS ~ c(a1,a2)*Age + TBSA + RUM\ni1 := a1*m1\ni2 := a2*m2\nd := i1 - i2", data = "FacialBurns", fun = "sem", group = "Sex", estimator = "MLR", mi = TRUE)
L("facialburns-freex", "Selfesteem ~ Age + HADS + TBSA\nHADS ~ Age + TBSA + RUM", data = "FacialBurns", fun = "sem", group = "Sex", fixed.x = FALSE, group.equal = c("regressions", "intercepts", "residuals"))
L("simparcel-groups-none", "f1 =~ f1item1+f1item2+f1item3+f1item4+f1item5\nf2 =~ f2item1+f2item2+f2item3+f2item4+f2item5\nf2 ~ f1", data = "simParcel", fun = "sem", estimator = "MLMVS", meanstructure = TRUE)
L("svc-second-order-mlm", "tan =~ tan1 + tan2 + tan3\nrel =~ rel1 + rel2 + rel3\nres =~ res1 + res2 + res3\nSQ =~ tan + rel + res\nTRU =~ tru1 + tru2 + tru3 + tru4\nTRU ~ SQ", data = "svc_sim", fun = "sem", estimator = "MLM", std.lv = TRUE, mi = TRUE, scores = TRUE)
L("svc-longitudinal-weights-mlr-channels", "SAT =~ sat1 + sat2 + sat3 + sat4\nSAT ~ age", data = "svc_sim", fun = "sem", group = "channel", sampling.weights = "weight", estimator = "MLR", group.equal = c("loadings", "intercepts"))
