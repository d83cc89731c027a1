package dev.whetstone.datasets.personal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.datasets.AnyText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A finder looks first whether a text can hold anything; its patterns alone must find the same. */
class FindersTest {
  private static final Map<PersonalKind, Function<String, List<Span>>> SLOW = new LinkedHashMap<>();

  static {
    SLOW.put(Secrets.KIND, FindersTest::secrets);
    SLOW.put(EmailAddresses.KIND, text -> Span.all(EmailAddresses.ADDRESS, text, a -> true));
    SLOW.put(
        IdentityNumbers.KIND,
        text -> Span.all(IdentityNumbers.NUMBER, text, IdentityNumbers::isValid));
    SLOW.put(CardNumbers.KIND, text -> Span.all(CardNumbers.DIGITS, text, CardNumbers::isCard));
    SLOW.put(
        IpAddresses.KIND,
        text ->
            IpAddresses.withoutVersions(
                text,
                Span.all(IpAddresses.FOUR, text, IpAddresses::isPublicFour),
                Span.all(IpAddresses.SIX, text, IpAddresses::isPublicSix)));
    SLOW.put(PhoneNumbers.KIND, FindersTest::phones);
  }

  /** What the kinds look like, whole and in parts. */
  private static final String[] PIECES = {
    "4012 8888 8888 1881",
    "4012888888881881",
    "3782 822463 10005",
    "11010519491231002X",
    "93.184.216.34",
    "10.0.0.1",
    "2606:4700:4700::1111",
    "2001:db8::1",
    "+49 171 2345678",
    "(555) 210-0123",
    "555-210-0123",
    "0049 171 2345678",
    "030/1234567",
    "(0171) 2345678",
    "13812345678",
    "call me at ",
    "phone ",
    "Tel.: ",
    "order no. ",
    "invoice #",
    "version ",
    "jo.doe+shop@mail.example.co.uk",
    "a@b.cd",
    "@",
    "password = ",
    "api_key: ",
    "the secret is ",
    "TOKEN=",
    "hunter2hunter3x",
    "f3a9c01be77d",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "sk-abcDEF0123456789abcdef",
    "hf_abcdefghijABCDEFGHIJ0123456789abcd",
    "xoxb-1234567890-abc",
    "sk_live_0123456789abcdef",
    "AIzaabcdefghijABCDEFGHIJ0123456789abcde",
    "eyJhbGciOi12.eyJzdWIiOi12.abcdefgh12",
    "-----BEGIN PRIVATE KEY-----abcdefghijklmnopqrstuvwx-----END PRIVATE KEY-----",
    " ",
    " ",
    " ",
    "-",
    ".",
    ",",
    "/",
    "(",
    ")",
    ") (",
    "+",
    ":",
    "#",
    "\n",
    "\u00A0",
    "\u2011",
    "\u2013",
    "x",
    "\u4F60",
    "\u0663",
    "1",
    "20",
    "555",
    "0123",
    "00",
    "13",
    "200",
    "4111111"
  };

  @Test
  void aFinderFindsWhatItsPatternsFind() {
    assertThat(SLOW.keySet()).containsExactlyElementsOf(Findings.KINDS);
    int found = 0;
    for (long seed = 0; seed < 3000; seed++) {
      Random random = new Random(seed);
      var text = new StringBuilder();
      for (int n = random.nextInt(1, 12); n > 0; n--) {
        text.append(
            random.nextInt(12) == 0 ? AnyText.of(random) : PIECES[random.nextInt(PIECES.length)]);
        text.append(random.nextInt(3) == 0 ? " " : "");
      }
      for (var kind : SLOW.entrySet()) {
        List<Span> spans = kind.getKey().finder().apply(Glance.of(text.toString()));
        assertThat(spans)
            .as("seed %d, %s: %s", seed, kind.getKey().name(), text)
            .isEqualTo(kind.getValue().apply(text.toString()));
        found += spans.size();
      }
    }
    assertThat(found).isGreaterThan(3000);
  }

  private static List<Span> secrets(String text) {
    List<Span> spans = new ArrayList<>();
    Secrets.FORMS.forEach(form -> spans.addAll(Span.all(form.pattern(), text, found -> true)));
    spans.addAll(Secrets.named(text));
    return spans;
  }

  private static List<Span> phones(String text) {
    List<Span> spans = new ArrayList<>();
    PhoneNumbers.FORMS.forEach(
        form -> spans.addAll(Span.all(form, text, PhoneNumbers::hasFittingDigits)));
    return PhoneNumbers.withAnnounced(text, spans);
  }
}
