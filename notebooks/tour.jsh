import dev.whetstone.artifacts.*;
import java.nio.file.*;
import java.util.function.*;
import java.util.stream.*;

/** The quickstart's folder. */
Path story = Path.of(System.getenv().getOrDefault("WHETSTONE_STORY", "../out/quickstart")).toAbsolutePath().normalize();

if (!Files.exists(story.resolve("run").resolve(Manifest.FILE))) {
  throw new BadInputException(story + ": expected the quickstart's folder here, found none; run ./whetstone quickstart, or let WHETSTONE_STORY name such a folder.");
}

String escape(String text) {
  return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
}

String format(String format, Object... values) {
  return String.format(Locale.ROOT, format, values);
}

/** Cells are HTML; a heading that ends in # is that of a column of numbers. */
String table(String headings, List<List<String>> rows) {
  var columns = headings.split("\\|");
  var html = new StringBuilder("<table><tr>");
  for (String column : columns) {
    html.append(column.endsWith("#") ? "<th class=\"n\">" : "<th>").append(column.replace("#", "")).append("</th>");
  }
  for (List<String> row : rows) {
    html.append("</tr><tr>");
    for (int i = 0; i < columns.length; i++) {
      html.append(columns[i].endsWith("#") ? "<td class=\"n\">" : "<td>").append(row.get(i)).append("</td>");
    }
  }
  return html.append("</tr></table>").toString();
}

/** Shows HTML or SVG in the tour's looks. */
void show(String html) {
  display("<div class=\"tour\">" + html + "</div>", "text/html");
}

void check(boolean holds, String claim) {
  if (!holds) {
    throw new IllegalStateException("expected: " + claim);
  }
}
