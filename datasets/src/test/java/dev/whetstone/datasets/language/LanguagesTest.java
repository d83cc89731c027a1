package dev.whetstone.datasets.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.whetstone.datasets.language.Languages.Guess;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LanguagesTest {
  private static final LanguageRule DETECT = new LanguageRule(true, null, null);

  private static final Map<String, String> TEXTS =
      Map.ofEntries(
          Map.entry("en", "Where is the nearest station, and when does the last train leave?"),
          Map.entry("de", "Wo ist der nächste Bahnhof, und wann fährt der letzte Zug ab?"),
          Map.entry("fr", "Où se trouve la gare la plus proche, et quand part le dernier train ?"),
          Map.entry("es", "¿Dónde está la estación más cercana y cuándo sale el último tren?"),
          Map.entry("it", "Dov'è la stazione più vicina e quando parte l'ultimo treno?"),
          Map.entry("et", "Kus on lähim jaam ja millal väljub viimane rong linnast?"),
          Map.entry("ru", "Где ближайший вокзал и когда отправляется последний поезд?"),
          Map.entry("zh", "最近的车站在哪里，末班车几点开？请告诉我票价。"),
          Map.entry("ja", "一番近い駅はどこですか。最終電車は何時に出ますか。"),
          Map.entry("he", "איפה התחנה הקרובה ומתי יוצאת הרכבת האחרונה?"),
          Map.entry("ko", "가장 가까운 역은 어디이고 막차는 몇 시에 떠납니까?"),
          Map.entry("th", "สถานีที่ใกล้ที่สุดอยู่ที่ไหน และรถไฟเที่ยวสุดท้ายออกกี่โมง"),
          Map.entry("ar", "أين أقرب محطة، ومتى يغادر آخر قطار إلى المدينة؟"));

  private static Guess of(String user, String answer, LanguageRule rule) {
    return Languages.of(
        Conversation.of(
            "r", List.of(Message.of("user", user), Message.of("assistant", answer)), ""),
        rule);
  }

  @Test
  void aSentenceIsKnownByItsLanguage() {
    TEXTS.forEach(
        (code, text) -> {
          Guess guess = of("?", text, DETECT);
          assertThat(guess.code()).as(text).isEqualTo(code);
          assertThat(guess.confidence()).isBetween(0.5, 1.0);
          assertThat(guess.foreign()).isFalse();
        });
  }

  @Test
  void whatTheRecipeKeepsStaysAndTheRestGoes() {
    var rule = new LanguageRule(null, List.of("en", "zh"), null);
    TEXTS.forEach(
        (code, text) ->
            assertThat(of("?", text, rule).foreign())
                .as(code)
                .isEqualTo(!rule.keep().contains(code)));
    var sure = new LanguageRule(null, List.of("en", "zh"), 1.0);
    assertThat(TEXTS.values()).noneMatch(text -> of("?", text, sure).foreign());
  }

  @Test
  void littleTextAndCodeAreNotJudged() {
    var rule = new LanguageRule(null, List.of("zh"), null);
    String code = "```python\nfor station in stations: print(station.name, station.train)\n```";
    for (String answer :
        List.of("", "42", "Yes, of course.", "x = 3 + 4 = 7", code, "{\"name\": \"a station\"}")) {
      Guess guess = of("1 + 1?", answer, rule);
      assertThat(guess.code()).as(answer).isEqualTo(Languages.UNDETERMINED);
      assertThat(guess.confidence()).isNaN();
      assertThat(guess.foreign()).isFalse();
    }
    assertThat(of("?", TEXTS.get("de") + "\n" + code.repeat(9), DETECT).code()).isEqualTo("de");
  }

  @Test
  void whereTheAnswerSaysLittleTheQuestionTells() {
    assertThat(of(TEXTS.get("fr"), "{\"product\": \"train\", \"quantity\": 1}", DETECT).code())
        .isEqualTo("fr");
    assertThat(of(TEXTS.get("ko"), "42", DETECT).code()).isEqualTo("ko");
    assertThat(of(TEXTS.get("ko"), TEXTS.get("en"), DETECT).code())
        .as("a translation is in the language that is learned")
        .isEqualTo("en");
  }

  @Test
  void anUnknownLanguageListsTheKnownOnes() {
    assertThatThrownBy(() -> new LanguageRule(null, List.of("en", "english"), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("unknown language \"english\"; known: af, ar, ")
        .hasMessageContaining("zh");
    assertThatThrownBy(() -> new LanguageRule(null, List.of("en"), 0.3))
        .hasMessageContaining("min_confidence must be in [0.5, 1]: 0.3");
    assertThatThrownBy(() -> new LanguageRule(false, List.of("en"), null))
        .hasMessageContaining("keep needs detect: true");
    assertThat(LanguageRule.NONE.detect()).isFalse();
    assertThat(new LanguageRule(null, List.of("en"), null).minConfidence())
        .isCloseTo(0.6, within(0.0));
  }
}
