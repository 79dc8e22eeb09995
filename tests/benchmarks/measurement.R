# CPU seconds of psych and semTools for the jobs of measurement.py: Rscript measurement.R DATA_FOLDER WORK_FOLDER
suppressMessages({library(lavaan); library(semTools); library(psych)})
args <- commandArgs(TRUE)
bfi <- na.omit(read.csv(file.path(args[1], "bfi.csv"))[1:25])
ordinal <- read.csv(file.path(args[1], "hs_ordinal.csv"))[paste0("o", 1:9)]
large <- read.csv(file.path(args[2], "large.csv"))
forty <- large[1:1000, ]
cpu <- function(name, job, share = 1) {
  gc()
  t <- system.time(suppressMessages(suppressWarnings(capture.output(invisible(job())))))
  cat(name, (t[["user.self"]] + t[["sys.self"]]) / share, "\n")
}
cpu("reliability", function() for (k in 0:7) {
  alpha(large[5 * k + 1:5], check.keys = FALSE)
}, nrow(large) / 1e6)
cpu("parallel", function() fa.parallel(forty, n.iter = 20, plot = FALSE), 20 / 1000)
cpu("bootstrap", function() alpha(bfi[6:10], n.iter = 200, check.keys = FALSE), 200 / 2000)
cpu("splits", function() splitHalf(bfi[1:12], raw = TRUE))
cpu("efa", function() fa(bfi, 5))
cpu("omega", function() omega(bfi, 5, plot = FALSE))
cpu("ordinal", function() {
  f <- cfa("visual =~ o1 + o2 + o3\ntextual =~ o4 + o5 + o6\nspeed =~ o7 + o8 + o9", ordinal,
           ordered = names(ordinal), std.lv = TRUE)
  compRelSEM(f, ord.scale = TRUE)
})
mobile <- read.csv(file.path(args[1], "..", "..", "realdata", "ecsi_mobile_250.csv"))
blocks <- c(Image = "IMAG", Expectation = "CUEX", Quality = "PERQ", Value = "PERV", Satisfaction = "CUSA", Loyalty = "CUSL")
model <- paste(names(blocks), "=~", sapply(blocks, function(b) paste(grep(b, names(mobile), value = TRUE), collapse = "+")),
               collapse = "\n")
cpu("htmt", function() for (i in 1:20) htmt(model, mobile[sample(250, replace = TRUE), ], htmt2 = FALSE), 20 / 5000)
cpu("mardia", function() mardia(bfi, plot = FALSE))
