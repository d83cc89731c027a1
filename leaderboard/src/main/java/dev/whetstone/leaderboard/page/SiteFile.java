package dev.whetstone.leaderboard.page;

import static java.util.Objects.requireNonNull;

import java.util.function.Supplier;

/**
 * One file of a site.
 *
 * @param path from the site's root, such as {@code model/tiny-0123456789.html}
 * @param type media type, with the character set where it is text
 * @param content makes the bytes, the same ones whenever it is asked
 */
public record SiteFile(String path, String type, Supplier<byte[]> content) {
  public SiteFile {
    requireNonNull(path, "path is null");
    requireNonNull(type, "type is null");
    requireNonNull(content, "content is null");
  }
}
