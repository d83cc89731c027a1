package dev.whetstone.models.engine.hub.remote;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The two names that hubs give to a file's content.
 *
 * @param sha256 of the bytes, as Git LFS has it, 64 hexadecimal digits
 * @param gitSha1 SHA-1 of {@code "blob " + size + "\0"} and the bytes, as Git has it, 40 digits
 */
record Hashes(String sha256, String gitSha1) {
  private static final int BUFFER_BYTES = 1 << 20;

  static Hashes of(Path file) throws IOException {
    return of(file, true);
  }

  /**
   * @param git whether Git's name is wanted too, which costs a second hash; else it is empty
   */
  static Hashes of(Path file, boolean git) throws IOException {
    MessageDigest sha256 = digest("SHA-256");
    MessageDigest sha1 = digest("SHA-1");
    sha1.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.UTF_8));
    var buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        sha256.update(buffer, 0, read);
        if (git) {
          sha1.update(buffer, 0, read);
        }
      }
    }
    return new Hashes(hex(sha256), git ? hex(sha1) : "");
  }

  static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
