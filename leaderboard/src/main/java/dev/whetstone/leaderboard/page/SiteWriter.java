package dev.whetstone.leaderboard.page;

import dev.whetstone.artifacts.ArtifactFolder;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes the files of a site; pages from templates that escape all they show. */
final class SiteWriter {
  private static final List<String> ASSETS = List.of("board.css", "board.js");

  private final TemplateEngine templates = TemplateEngine.createPrecompiled(ContentType.Html);
  private final Path folder;

  SiteWriter(Path folder) {
    this.folder = folder;
  }

  void assets() {
    for (String name : ASSETS) {
      try (InputStream in = SiteWriter.class.getResourceAsStream("/site/" + name)) {
        file(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(name + ": cannot be read from the program", e);
      }
    }
  }

  /** {@code root} leads from the page to the site's root. */
  void page(String address, String root, String template, Object view) {
    var out = new StringOutput();
    templates.render(template, Map.of("view", view, "root", root), out);
    file(address, out.toString());
  }

  void file(String address, String text) {
    Path file = folder.resolve(address);
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
  }
}
