package dev.whetstone.training.report;

import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** Text and tables that mean in Markdown what they say. */
final class Markdown {
  private Markdown() {}

  /** On one line, with nothing that Markdown or HTML would take for its own. */
  static String escape(String text) {
    return text.replaceAll("\\s+", " ")
        .replace("&", "&amp;")
        .replaceAll("([\\\\`*{}\\[\\]<>#|~$!]|(?<!\\w)_|_(?!\\w))", "\\\\$1");
  }

  static String code(String text) {
    return "`" + text.replaceAll("\\s+", " ").replace('`', '\'') + "`";
  }

  /** A table of text; what is a number column is for the reader to see. */
  static void table(StringBuilder out, List<String> head, List<List<String>> rows) {
    row(out, head);
    row(out, Collections.nCopies(head.size(), "---"));
    rows.forEach(cells -> row(out, cells.stream().map(Markdown::escape).toList()));
  }

  private static void row(StringBuilder out, List<String> cells) {
    out.append(cells.stream().collect(Collectors.joining(" | ", "| ", " |"))).append('\n');
  }
}
