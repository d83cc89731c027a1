package dev.whetstone.leaderboard.web;

import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.leaderboard.page.SiteFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;

/**
 * A file rendered, hashed and compressed once, then only copied. The arrays are never changed.
 *
 * @param etag of the plain bytes, in its quotes; the compressed ones have one of their own, as
 *     strong tags must (RFC 9110, section 8.8.3.3)
 */
record CachedFile(String type, byte[] plain, byte[] gzip, String etag, String gzipEtag) {
  private static final int TAG_DIGITS = 32;

  static CachedFile of(SiteFile file) {
    byte[] plain = file.content().get();
    String hash =
        ContentHash.of("site-file")
            .add(plain)
            .finish()
            .replace("sha256:", "")
            .substring(0, TAG_DIGITS);
    return new CachedFile(
        file.type(), plain, compress(plain), '"' + hash + '"', '"' + hash + "-gzip\"");
  }

  long sizeBytes() {
    return (long) plain.length + gzip.length;
  }

  /** Whether an {@code If-None-Match} header names what would be sent. */
  static boolean matches(String ifNoneMatch, String etag) {
    if (ifNoneMatch == null) {
      return false;
    }
    for (String known : ifNoneMatch.split(",", -1)) {
      String tag = known.strip();
      if (tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag)) {
        return true;
      }
    }
    return false;
  }

  /** Whether an {@code Accept-Encoding} header allows gzip. */
  static boolean acceptsGzip(String acceptEncoding) {
    if (acceptEncoding == null) {
      return false;
    }
    for (String coding : acceptEncoding.split(",", -1)) {
      String[] parts = coding.strip().split("\\s*;\\s*", 2);
      if (parts[0].equalsIgnoreCase("gzip")) {
        return parts.length == 1 || !parts[1].matches("q\\s*=\\s*0(\\.0*)?");
      }
    }
    return false;
  }

  private static byte[] compress(byte[] plain) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static CachedFile ofText(String type, String text) {
    return of(new SiteFile("", type, () -> text.getBytes(StandardCharsets.UTF_8)));
  }
}
