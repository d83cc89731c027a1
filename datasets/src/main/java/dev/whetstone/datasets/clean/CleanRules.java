package dev.whetstone.datasets.clean;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.whetstone.artifacts.EnumKeys;
import java.io.Serializable;
import java.text.Normalizer;

/**
 * Which of the rules on text are used. Line breaks, control characters and outer white space are
 * always put right. The defaults change no character that a reader would miss.
 *
 * @param unicode in which of its equal forms a text is written
 * @param mojibake whether UTF-8 that was read as Windows-1252 or Latin-1 is repaired
 * @param lookAlikes whether radicals become the ideographs that they look like
 * @param invisible whether characters that nobody sees go where they do no work
 */
public record CleanRules(Form unicode, Boolean mojibake, Boolean lookAlikes, Boolean invisible)
    implements Serializable {
  /** Forms of Unicode (Unicode Standard Annex 15). */
  public enum Form {
    /** Composed: the same text, {@code é} always in one code point. */
    NFC,
    /**
     * Composed, and compatibility forms replaced: full-width letters, ligatures, circled numbers.
     * It is for prose: in mathematics it turns {@code 2⁵} into {@code 25} and {@code ½} into {@code
     * 1⁄2}, in programs it changes the strings and names that they are about.
     */
    NFKC,
    /** As it comes. */
    NONE;

    @JsonCreator
    static Form ofKey(String key) {
      return EnumKeys.of(Form.class, "unknown form", key);
    }

    @JsonValue
    public String key() {
      return EnumKeys.key(this);
    }

    String normalized(String text) {
      return switch (this) {
        case NFC -> Normalizer.normalize(text, Normalizer.Form.NFC);
        case NFKC -> Normalizer.normalize(text, Normalizer.Form.NFKC);
        case NONE -> text;
      };
    }
  }

  public static final CleanRules DEFAULT = new CleanRules(null, null, null, null);

  public CleanRules {
    unicode = unicode == null ? Form.NFC : unicode;
    mojibake = mojibake == null || mojibake;
    lookAlikes = lookAlikes == null || lookAlikes;
    invisible = invisible == null || invisible;
  }
}
