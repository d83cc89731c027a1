package dev.whetstone.datasets.personal;

import dev.whetstone.artifacts.BadInputException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Names in place of personal data: of one value always the same under one key, and under another
 * key another one, so that nobody without the key can tell whom a name stands for, nor whether two
 * data sets speak of the same person. HMAC-SHA256 (RFC 2104), of which 40 bits are written: a
 * million values meet a second one of the same name in half of all runs.
 */
public final class Pseudonyms implements Serializable {
  /** The environment variable that holds the key. */
  public static final String VARIABLE = "WHETSTONE_PSEUDONYM_KEY";

  private static final long serialVersionUID = 1;
  private static final int LEAST_KEY = 16;
  private static final int CHARACTERS = 8;
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"; // RFC 4648

  private final byte[] key;

  /**
   * @throws BadInputException if the key is shorter than 16 characters
   */
  public Pseudonyms(String key) {
    if (key.length() < LEAST_KEY) {
      throw new BadInputException(
          "%s: expected a key of at least %d characters, found %d; draw one by lot and keep it secret, such as by: openssl rand -hex 32"
              .formatted(VARIABLE, LEAST_KEY, key.length()));
    }
    this.key = key.getBytes(StandardCharsets.UTF_8);
  }

  String of(PersonalKind kind, String value) {
    byte[] hash = hash(kind.name() + ":" + kind.canonical().apply(value));
    long bits = 0;
    for (int i = 0; i < 5; i++) {
      bits = (bits << 8) | (hash[i] & 0xff);
    }
    var name = new StringBuilder();
    for (int i = 0; i < CHARACTERS; i++) {
      name.append(ALPHABET.charAt((int) (bits >>> (5 * (CHARACTERS - 1 - i))) & 31));
    }
    return "[" + kind.name() + "-" + name + "]";
  }

  /** Tells two keys apart, for what the dataset depends on: 64 hexadecimal digits. */
  public String fingerprint() {
    return HexFormat.of().formatHex(hash("fingerprint"));
  }

  private byte[] hash(String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
