package dev.whetstone.datasets.personal;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/** Personal data and secrets drawn by lot, put between the sentences of texts. */
final class PlantedPersonalData {
  /**
   * Of one kind: planted, found whole and by the right name, and found where nothing was planted.
   */
  static final class Tally {
    int planted;
    int found;
    int wrong;

    double recall() {
      return (double) found / planted;
    }

    double precision() {
      return (double) found / (found + wrong);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "recall %d/%d, precision %d/%d", found, planted, found, found + wrong);
    }
  }

  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";
  private static final String MIXED = LETTERS + LETTERS.toUpperCase(Locale.ROOT) + "0123456789";

  private final Random random;

  PlantedPersonalData(long seed) {
    this.random = new Random(seed);
  }

  /** What came of so many planted items, by kind. */
  static Map<String, Tally> tally(List<String> texts, int items, long seed) {
    var planter = new PlantedPersonalData(seed);
    var tallies = new TreeMap<String, Tally>();
    Findings.KINDS.forEach(kind -> tallies.put(kind.name(), new Tally()));
    for (int i = 0; i < items; i++) {
      PersonalKind kind = Findings.KINDS.get(i % Findings.KINDS.size());
      String text = texts.get(planter.random.nextInt(texts.size()));
      String planted = planter.draw(kind.name());
      int at = planter.boundary(text);
      String lead = planter.lead(kind.name());
      String whole = text.substring(0, at) + lead + planted + ". " + text.substring(at);
      int start = at + lead.length();
      Tally own = tallies.get(kind.name());
      own.planted++;
      for (Findings.Finding finding : Findings.in(whole).all()) {
        Span span = finding.span();
        boolean overlaps = span.start() < start + planted.length() && start < span.end();
        if (!overlaps) {
          tallies.get(finding.kind().name()).wrong++;
        } else if (finding.kind().equals(kind)
            && span.start() <= start
            && span.end() >= start + planted.length()) {
          own.found++;
        } else if (!finding.kind().equals(kind)) {
          tallies.get(finding.kind().name()).wrong++;
        }
      }
    }
    return tallies;
  }

  private int boundary(String text) {
    int from = random.nextInt(text.length() + 1);
    int at = text.indexOf(". ", from);
    return at < 0 ? text.length() : at + 2;
  }

  private String lead(String kind) {
    String[] leads =
        switch (kind) {
          case "PHONE" -> new String[] {" Call me at ", " My phone number is ", " Tel.: "};
          case "SECRET" -> new String[] {" Use the key ", " api_key = ", " The token: "};
          case "CARD" -> new String[] {" Charge ", " My card is ", " Visa or what it is, "};
          case "IDENTITY" -> new String[] {" My identity number is ", " 身份证号 ", " ID: "};
          case "IP" -> new String[] {" It came from ", " ping ", " The server is "};
          default -> new String[] {" Write to ", " I am ", " cc "};
        };
    return leads[random.nextInt(leads.length)];
  }

  String draw(String kind) {
    return switch (kind) {
      case "EMAIL" -> email();
      case "PHONE" -> phone();
      case "CARD" -> card();
      case "IDENTITY" -> identity();
      case "IP" -> random.nextInt(4) == 0 ? six() : four();
      case "SECRET" -> secret();
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private String of(String alphabet, int length) {
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  private String digits(int length) {
    return of("0123456789", length);
  }

  private String email() {
    String[] joints = {".", "_", "-", "+", ""};
    String name =
        of(LETTERS, 2 + random.nextInt(8))
            + joints[random.nextInt(joints.length)]
            + of(LETTERS + "0123456789", 1 + random.nextInt(8));
    String[] ends = {"com", "org", "co.uk", "de", "example.net", "cn", "io"};
    return name
        + "@"
        + of(LETTERS, 3 + random.nextInt(9))
        + "."
        + ends[random.nextInt(ends.length)];
  }

  private String phone() {
    return switch (random.nextInt(6)) {
      case 0 -> "+49 1" + (5 + random.nextInt(3)) + digits(1) + " " + digits(7);
      case 1 -> "+1 (" + (2 + random.nextInt(8)) + digits(2) + ") " + digits(3) + "-" + digits(4);
      case 2 -> "(" + (2 + random.nextInt(8)) + digits(2) + ") " + digits(3) + "-" + digits(4);
      case 3 -> "0" + (1 + random.nextInt(9)) + digits(2) + " " + digits(7);
      case 4 -> "1" + (3 + random.nextInt(7)) + digits(9);
      default -> "+86 1" + (3 + random.nextInt(7)) + digits(1) + " " + digits(4) + " " + digits(4);
    };
  }

  private String card() {
    String[] issuers = {"4", "51", "55", "2221", "37", "6011", "62", "3528", "5018"};
    String issuer = issuers[random.nextInt(issuers.length)];
    int length = issuer.equals("37") ? 15 : 16;
    while (true) {
      String number = issuer + digits(length - issuer.length());
      if (CardNumbers.luhn(number) && number.chars().distinct().count() > 2) {
        String joint = new String[] {"", " ", "-"}[random.nextInt(3)];
        return length == 15
            ? number.substring(0, 4)
                + joint
                + number.substring(4, 10)
                + joint
                + number.substring(10)
            : number.replaceAll("(.{4})(?=.)", "$1" + joint);
      }
    }
  }

  private String identity() {
    String[] provinces = {"11", "31", "44", "51", "65"};
    String number =
        provinces[random.nextInt(provinces.length)]
            + digits(4)
            + (1940 + random.nextInt(70))
            + String.format(Locale.ROOT, "%02d%02d", 1 + random.nextInt(12), 1 + random.nextInt(28))
            + digits(3);
    char check = IdentityNumbers.check(number);
    return number + (check == 'X' && random.nextBoolean() ? 'x' : check);
  }

  private String four() {
    int[] first = {8, 34, 52, 81, 104, 142, 185, 193, 212};
    return "%d.%d.%d.%d"
        .formatted(
            first[random.nextInt(first.length)],
            20 + random.nextInt(200),
            random.nextInt(256),
            random.nextInt(256));
  }

  private String six() {
    String hex = "0123456789abcdef";
    return random.nextBoolean()
        ? "2a0" + of(hex, 1) + ":" + of(hex, 4) + ":" + of(hex, 3) + "::" + of(hex, 2)
        : "2606"
            + (":" + of(hex, 4)).concat(":" + of(hex, 4)).concat(":" + of(hex, 4))
            + (":" + of(hex, 4))
                .concat(":" + of(hex, 4))
                .concat(":" + of(hex, 4) + ":" + of(hex, 4));
  }

  private String secret() {
    return switch (random.nextInt(9)) {
      case 0 -> "AKIA" + of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
      case 1 -> "ghp_" + of(MIXED, 36);
      case 2 -> "hf_" + of(MIXED, 34);
      case 3 -> "sk-" + of(MIXED, 48);
      case 4 -> "AIza" + of(MIXED + "_-", 34) + of(MIXED, 1);
      case 5 -> "sk-ant-api03-" + of(MIXED + "_-", 92) + of("0123456789", 1);
      case 6 -> "sk-" + of("0123456789abcdef", 32);
      case 7 -> "ms-" + UUID.nameUUIDFromBytes(of(MIXED, 20).getBytes(StandardCharsets.UTF_8));
      default -> "xoxb-" + digits(11) + "-" + digits(11) + "-" + of(MIXED, 24);
    };
  }
}
