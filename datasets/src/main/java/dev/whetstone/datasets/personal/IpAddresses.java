package dev.whetstone.datasets.personal;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Public addresses of the Internet, of version 4 and 6. Those of private networks, of this machine,
 * of documentation and of many hosts at once tell of nobody (RFC 6890, RFC 5737, RFC 3849).
 */
final class IpAddresses {
  static final Pattern FOUR =
      Pattern.compile(
          "(?<![\\p{Alpha}\\p{N}._\\-])(?:\\d{1,3}\\.){3}\\d{1,3}(?![\\p{Alpha}\\p{N}_\\-]|\\.\\d)");

  static final Pattern SIX =
      Pattern.compile(
          "(?<![\\p{Alpha}\\p{N}:._])[23][0-9a-fA-F]{3}:[0-9a-fA-F:]{2,34}(?![\\p{Alpha}\\p{N}:_]|\\.\\d)");

  private static final Pattern VERSION_BEFORE =
      Pattern.compile(
          "(?i)(?:version|release|section|chapter|v\\.?|build|firmware|oid)\\s*[:=]?\\s*$");

  static final PersonalKind KIND =
      new PersonalKind(
          "IP", "an Internet address", IpAddresses::find, t -> t.toLowerCase(Locale.ROOT));

  private IpAddresses() {}

  private static List<Span> find(Glance glance) {
    String text = glance.text();
    List<Span> four =
        glance.hasFourDotted() ? Span.all(FOUR, text, IpAddresses::isPublicFour) : List.of();
    List<Span> six =
        glance.hasColon() && mayHoldSix(text)
            ? Span.all(SIX, text, IpAddresses::isPublicSix)
            : List.of();
    return withoutVersions(text, four, six);
  }

  /** A colon behind a group that begins with 2 or 3. */
  private static boolean mayHoldSix(String text) {
    for (int colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
      if (colon >= 4 && (text.charAt(colon - 4) == '2' || text.charAt(colon - 4) == '3')) {
        return true;
      }
    }
    return false;
  }

  static List<Span> withoutVersions(String text, List<Span> four, List<Span> six) {
    return Stream.concat(four.stream().filter(span -> !isVersion(text, span.start())), six.stream())
        .toList();
  }

  private static boolean isVersion(String text, int start) {
    return VERSION_BEFORE.matcher(text.substring(Math.max(0, start - 12), start)).find();
  }

  static boolean isPublicFour(String address) {
    int[] parts = new int[4];
    String[] texts = address.split("\\.", -1);
    for (int i = 0; i < 4; i++) {
      parts[i] = Integer.parseInt(texts[i]);
      if (parts[i] > 255 || (texts[i].length() > 1 && texts[i].charAt(0) == '0')) {
        return false;
      }
    }
    int a = parts[0];
    int b = parts[1];
    int c = parts[2];
    boolean network = a == 0 || a == 10 || a == 127 || a >= 224;
    boolean shared = (a == 100 && b >= 64 && b < 128) || (a == 169 && b == 254);
    boolean privately = (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168);
    boolean documentation =
        (a == 192 && b == 0 && (c == 0 || c == 2))
            || (a == 198 && b == 51 && c == 100)
            || (a == 203 && b == 0 && c == 113)
            || (a == 198 && (b == 18 || b == 19));
    // Four small numbers, such as 1.2.3.4, are a section or a version far more often.
    boolean small = a < 10 && b < 10 && c < 10 && parts[3] < 10;
    return !network && !shared && !privately && !documentation && !small;
  }

  /** Global unicast, 2000::/3, in groups of up to four digits with at most one gap. */
  static boolean isPublicSix(String address) {
    if (address.toLowerCase(Locale.ROOT).startsWith("2001:db8:")) {
      return false;
    }
    int gap = address.indexOf("::");
    if (gap != address.lastIndexOf("::") || address.contains(":::")) {
      return false;
    }
    if (gap < 0 && address.endsWith(":")) {
      return false;
    }
    long groups = Arrays.stream(address.split(":", -1)).filter(g -> !g.isEmpty()).count();
    boolean fits = Arrays.stream(address.split(":", -1)).allMatch(g -> g.length() <= 4);
    return fits && (gap < 0 ? groups == 8 : groups >= 3 && groups < 8);
  }
}
