package dev.whetstone.datasets.clean;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.datasets.clean.CleanRules.Form;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CleanTextTest {
  private static final Charset WINDOWS = Charset.forName("windows-1252");

  private static String cleaned(String text, CleanRules rules) {
    return CleanText.of(row(text), rules).conversation().messages().get(1).content();
  }

  private static Conversation row(String text) {
    return Conversation.of(
        "r", List.of(Message.of("user", "a"), Message.of("assistant", text)), "");
  }

  /** As a reader of UTF-8 sees it who takes it for Windows-1252, undefined bytes as in Latin-1. */
  private static String misread(String text) {
    var out = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      String c = new String(new byte[] {b}, WINDOWS);
      out.append(c.equals("\uFFFD") ? String.valueOf((char) (b & 0xFF)) : c);
    }
    return out.toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "I don’t know",
        "“Well”, she said — “well…”",
        "café, naïve, sûr, Österreich, Éric, piñata, coração",
        "cœur, Łódź, škola, și, moș, ğüzel",
        "5 € or £4 at 20 °C, 3 ± 1 µm, © 2026, ½",
        "a → b, x ≤ y, ✓ done, 😀 fine, 👩‍🚀",
        "Привет, мир",
        "Он и она в доме",
        "Hühner im Käfig",
        "한 소녀가 한 손에",
        "2 × $3 = $6",
        "Καλημέρα κόσμε",
        "你好，世界。",
        "日本語のテキスト",
        "한국어 텍스트",
        "สวัสดีชาวโลก",
        "नमस्ते दुनिया",
        "السلام عليكم",
        "שלום עולם"
      })
  void whatWasMisreadIsReadAgain(String text) {
    for (String wrong :
        List.of(
            misread(text),
            misread(misread(text)),
            new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))) {
      assertThat(Mojibake.repaired(wrong)).as(wrong).isEqualTo(text);
    }
    assertThat(Mojibake.repaired(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "„Das große Menü“ und „MENÜ“, „groß“",
        "der Umlaut „Ä“, das Ä“ am Ende, das Ö” und das Å»",
        "AMANHÃ” e NÃO; a letra “Ã”; MAÇÔ; SÃO PAULO… Ã",
        "«voilà»… et là»… le CAFÉ» de l’été – café”…",
        "AMANHÃ… E MANHÃ…",
        "3×… or 4×— or 2×°",
        "Ångström «Å» og «Ø», på Å» sa han",
        "¿Qué? ¡Olé! 25 °C, 10 £, § 4, 100 µm",
        "Việt Nam: Ân, Ê», ô™, â… ð, þ, ÷",
        "ÍŽ, ÝŠ, ÁŠ, č, ŽŠ",
        "Â, Ã, Ä alone and â too"
      })
  void soundTextThatLooksLikeItStays(String text) {
    assertThat(Mojibake.repaired(text)).isEqualTo(text);
  }

  @Test
  void textAboutEncodingsStays() {
    String text = "Your page is UTF-8 but was read as Latin-1, so you see Ã© and donâ€™t.";
    assertThat(cleaned(text, CleanRules.DEFAULT)).isEqualTo(text);
    assertThat(cleaned("I donâ€™t see it.", CleanRules.DEFAULT)).isEqualTo("I don’t see it.");
  }

  @Test
  void randomTextComesBackWholeOrNotAtAll() {
    // What is not sure is left: a repair never makes anything but what was there.
    Random random = new Random(5);
    for (int round = 0; round < 2000; round++) {
      int[] points =
          random.ints(random.nextInt(1, 30), 0x20, 0x3100).filter(Character::isDefined).toArray();
      String text = new String(points, 0, points.length);
      String wrong = misread(text);
      String again = misread(Mojibake.repaired(wrong));
      assertThat(again.length()).isGreaterThanOrEqualTo(wrong.length());
      assertThat(Mojibake.repaired(wrong).codePoints().filter(c -> c == 0xFFFD).count()).isZero();
    }
  }

  @Test
  void radicalsBecomeTheIdeographsThatTheyLookLike() {
    String radicals =
        new String(IntStream.rangeClosed(0x2F00, 0x2FD5).toArray(), 0, 214) + "\u2E9F\u2EF3";
    String unified = LookAlikes.unified(radicals);
    assertThat(unified).isEqualTo(Normalizer.normalize(radicals, Normalizer.Form.NFKC));
    assertThat(unified.codePoints().allMatch(c -> c >= 0x4E00 && c <= 0x9FFF)).isTrue();
    assertThat(cleaned("⼈⼯智能 and ① ½ Ａ", CleanRules.DEFAULT)).isEqualTo("人工智能 and ① ½ Ａ");
    assertThat(cleaned("x\u2E80y", CleanRules.DEFAULT)).as("maps to nothing").contains("\u2E80");
  }

  @ParameterizedTest
  @CsvSource({
    "NFC, ﬁt １２ Ａ x² ½ ①, ﬁt １２ Ａ x² ½ ①",
    "NFKC, ﬁt １２ Ａ x² ½ ①, fit 12 A x2 1⁄2 1",
    "NONE, e\u0301, e\u0301",
    "NFC, e\u0301, é"
  })
  void theFormIsTheOneAskedFor(Form form, String text, String expected) {
    assertThat(cleaned(text, new CleanRules(form, null, null, null))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "می\u200Cخواهم",
        "نمی\u064E\u200Cشود",
        "क्\u200Dष",
        "ശ്രീ\u200D",
        "👩\u200D🚀 👨🏽\u200D💻 ❤️\u200D🔥 ✈️ 1️⃣",
        "🏴\uDB40\uDC67\uDB40\uDC62\uDB40\uDC65\uDB40\uDC6E\uDB40\uDC67\uDB40\uDC7F",
        "ภาษา\u200Bไทย",
        "שלום \u200Fabc\u200E \u2067עולם\u2069",
        "葛\uDB40\uDD00飾区",
        "plain text, tabs\tand\nlines"
      })
  void invisibleCharactersThatDoTheirWorkStay(String text) {
    assertThat(InvisibleCharacters.removed(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "a\u200Bb\u200Cc\u200Dd\u2060e, abcde",
    "soft\u00ADhyphen, softhyphen",
    "中\u200B文, 中文",
    "access\u202E\u2066// check\u2069 \u2066if, access// check if",
    "\u202Eשלום\u202C \u200Fab, שלום \u200Fab",
    "hi\uDB40\uDC68\uDB40\uDC69 there, hi there",
    "a😀\uFE0F\uFE01\uFE02\uDB40\uDD10b, a😀\uFE0Fb",
    "1 \u200D 2, 1  2"
  })
  void invisibleCharactersThatHideOrTurnTextGo(String text, String expected) {
    assertThat(InvisibleCharacters.removed(text)).isEqualTo(expected);
  }

  @Test
  void everyRuleCanBeTurnedOffAndNamesItself() {
    String text = "donâ€™t ⼈\u200B";
    assertThat(CleanText.of(row(text), CleanRules.DEFAULT).changes())
        .containsExactly("invisible characters", "look-alike ideographs", "mojibake");
    var off = new CleanRules(Form.NONE, false, false, false);
    assertThat(CleanText.of(row("a " + text + " b"), off).changes()).isEmpty();
  }

  @Test
  void cleaningTwiceIsCleaningOnce() {
    String pool = "aÃ©â€™Â\u00A0\u200B\u200D\u202Eא⼈e\u0301ｆ\u0007 😀\uFE0Fไ中";
    Random random = new Random(9);
    int[] points = pool.codePoints().toArray();
    for (Form form : List.of(Form.NONE, Form.NFC)) {
      // A character taken away can bring together what then looks misread.
      var rules = new CleanRules(form, false, null, null);
      for (int round = 0; round < 3000; round++) {
        var text = new StringBuilder("x");
        random.ints(12, 0, points.length).forEach(i -> text.appendCodePoint(points[i]));
        String once = cleaned(text.toString(), rules);
        assertThat(cleaned(once, rules)).as(text.toString()).isEqualTo(once);
      }
    }
  }

  @Test
  void callsOfToolsStayByteForByte() {
    String calls =
        "[{\"name\": \"f\",  \"arguments\": \"{\\\"q\\\": \\\"donâ€™t ⼈\u200B e\u0301\\\"}\"}]";
    var row =
        Conversation.of(
            "r",
            List.of(Message.of("user", "a"), new Message("assistant", "donâ€™t", calls, "", null)),
            "[{\"name\":\"f\u200B\"}]");
    Conversation clean = CleanText.of(row, CleanRules.DEFAULT).conversation();
    assertThat(clean.messages().get(1))
        .isEqualTo(new Message("assistant", "don’t", calls, "", null));
    assertThat(clean.tools()).isEqualTo(row.tools());
  }

  @Test
  void noRuleButTheLastChangesPlainText() {
    var all = new CleanRules(CleanRules.Form.NFKC, true, true, true);
    for (long seed = 0; seed < 300; seed++) {
      String text =
          new Random(seed)
              .ints(60, 0x08, 0x80)
              .filter(c -> c >= ' ' ? c < 0x7F : c == '\n' || c == '\t')
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
      assertThat(CleanText.isPlain(text)).isTrue();
      Conversation row = Conversation.of("1", List.of(Message.of(Message.USER, text)), "");
      List<CleanText.Rule> rules = CleanText.rules(all, row);
      for (CleanText.Rule rule : rules.subList(0, rules.size() - 1)) {
        assertThat(rule.apply().apply(text)).as("seed %d, %s", seed, rule.name()).isEqualTo(text);
      }
    }
    assertThat(CleanText.isPlain("caf\u00E9")).isFalse();
    assertThat(CleanText.isPlain("a\r\n")).isFalse();
    assertThat(CleanText.isPlain("\u0000")).isFalse();
  }
}
