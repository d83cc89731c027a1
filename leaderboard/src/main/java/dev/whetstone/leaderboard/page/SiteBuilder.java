package dev.whetstone.leaderboard.page;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Collects the files of a site; pages from templates that escape all they show. */
final class SiteBuilder {
  private static final String CSS = "text/css;charset=utf-8";
  private static final String JAVASCRIPT = "text/javascript;charset=utf-8";
  private static final String HTML = "text/html;charset=utf-8";

  private final TemplateEngine templates = TemplateEngine.createPrecompiled(ContentType.Html);
  private final List<SiteFile> files = new ArrayList<>();

  void assets() {
    asset("board.css", CSS);
    asset("board.js", JAVASCRIPT);
    asset("theme.js", JAVASCRIPT);
  }

  /** {@code root} leads from the page to the site's root. */
  void page(String address, String root, String template, Supplier<?> view) {
    file(
        address,
        HTML,
        () -> {
          var out = new StringOutput();
          templates.render(template, Map.of("view", view.get(), "root", root), out);
          return out.toString();
        });
  }

  void file(String address, String type, Supplier<String> text) {
    files.add(new SiteFile(address, type, () -> text.get().getBytes(StandardCharsets.UTF_8)));
  }

  Site build() {
    return new Site(files);
  }

  private void asset(String name, String type) {
    files.add(new SiteFile(name, type, () -> resource(name)));
  }

  private static byte[] resource(String name) {
    try (InputStream in = SiteBuilder.class.getResourceAsStream("/site/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(name + ": cannot be read from the program", e);
    }
  }
}
