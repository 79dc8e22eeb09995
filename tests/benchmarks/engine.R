# lavaan's side of engine.py: reads "TASK REPEATS" lines, answers "RESULT <CPU seconds a repeat> <chi-square>".
suppressMessages(library(lavaan))

folder <- commandArgs(trailingOnly = TRUE)[1]
text <- function(name) paste(readLines(file.path(folder, paste0(name, ".txt"))), collapse = "\n")
data <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))

whole <- function(name, ...) {
  model <- text(name)
  frame <- data(name)
  function(times) {
    for (k in seq_len(times)) {
      fit <- sem(model, frame, ...)
      parameterEstimates(fit)
      found <- fitMeasures(fit)
      standardizedSolution(fit)
    }
    found[["chisq"]]
  }
}

redrawn <- function(name) {
  fit <- sem(text(name), data(name))
  function(times) {
    bootstrapLavaan(fit, R = times)
    fitMeasures(fit, "chisq")[[1]]
  }
}

have <- sub("\\.csv$", "", list.files(folder, pattern = "\\.csv$"))
tasks <- list()
if ("pd" %in% have) {
  tasks[["whole pd"]] <- whole("pd")
  tasks[["bootstrap pd"]] <- redrawn("pd")
}
tasks[["whole m40"]] <- whole("m40")
tasks[["mlr m40"]] <- whole("m40", estimator = "MLR")
tasks[["bootstrap m40"]] <- redrawn("m40")
if ("bfi" %in% have) tasks[["wlsmv bfi"]] <- whole("bfi", estimator = "WLSMV", ordered = TRUE)
if ("hs" %in% have) tasks[["fiml hs"]] <- whole("hs", missing = "fiml")

cat("READY R", paste(R.version$major, R.version$minor, sep = "."), "lavaan",
    as.character(packageVersion("lavaan")), "\n")
flush(stdout())
input <- file("stdin", "r")
while (length(line <- readLines(input, n = 1)) > 0) {
  part <- strsplit(line, "|", fixed = TRUE)[[1]]
  before <- sum(proc.time()[c(1, 2)])
  chisq <- tasks[[part[1]]](as.integer(part[2]))
  spent <- (sum(proc.time()[c(1, 2)]) - before) / as.integer(part[2])
  cat("RESULT", format(spent, digits = 12), format(chisq, digits = 15), "\n")
  flush(stdout())
}
