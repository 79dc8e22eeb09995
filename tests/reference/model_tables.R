# Parameter tables of lavaan::lavaanify; each case of the JSON holds its model and options. Run in this folder:
#   Rscript model_tables.R model_tables.json model_tables.json
suppressMessages({library(lavaan); library(jsonlite)})
args <- commandArgs(TRUE)
cases <- fromJSON(args[1], simplifyVector = FALSE)
table_of <- function(case) {
  o <- case$options
  text <- function(x) if (length(x)) gsub("_", ".", unlist(x), fixed = TRUE) else NULL
  growth <- case$fun == "growth"
  coding <- if (length(o$effect_coding)) unlist(o$effect_coding) else ""
  t <- suppressWarnings(lavaanify(
    case$model, auto = TRUE, model.type = case$fun,
    meanstructure = isTRUE(o$meanstructure),
    int.ov.free = !growth, int.lv.free = growth || "intercepts" %in% coding,
    auto.fix.first = !isTRUE(o$std_lv) && !("loadings" %in% coding),
    auto.fix.single = TRUE, auto.var = TRUE, auto.cov.lv.x = TRUE, auto.cov.y = TRUE,
    auto.th = TRUE, auto.delta = TRUE, auto.efa = TRUE,
    std.lv = isTRUE(o$std_lv), orthogonal = isTRUE(o$orthogonal), effect.coding = coding,
    fixed.x = !identical(o$fixed_x, FALSE), ngroups = case$groups,
    group.equal = text(o$group_equal), group.partial = unlist(o$group_partial)))
  if (is.null(t$label)) t$label <- ""
  if (is.null(t$level)) t$level <- 1L
  if (is.null(t$lower)) t$lower <- NA
  if (is.null(t$upper)) t$upper <- NA
  keep <- !(t$op %in% c("==", "<", ">", ":="))
  list(rows = data.frame(t[keep, c("lhs", "op", "rhs", "group", "level", "free", "ustart", "exo", "label")],
                         row.names = NULL),
       equal = data.frame(t[t$op == "==", c("lhs", "rhs")], row.names = NULL))
}
out <- lapply(cases, function(case) {
  case$expected <- tryCatch(table_of(case), error = function(e) list(error = conditionMessage(e)))
  case
})
write(toJSON(out, auto_unbox = TRUE, digits = NA, na = "null", dataframe = "columns"), args[2])
