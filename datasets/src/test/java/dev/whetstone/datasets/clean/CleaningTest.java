package dev.whetstone.datasets.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.datasets.clean.Cleaning.Clean;
import dev.whetstone.datasets.clean.Cleaning.Dropped;
import dev.whetstone.datasets.clean.PersonalData.Policy;
import dev.whetstone.datasets.personal.Pseudonyms;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.DropReason;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CleaningTest {
  @Test
  void textIsMendedAndTheRulesAreNamed() {
    var clean =
        (Clean)
            clean(
                turns("user", " Cafe\u0301\u0007\r\nnow\u00A0 ", "assistant", "ok"),
                personalData(Policy.DROP));
    assertThat(clean.conversation().messages().get(0).content()).isEqualTo("Caf\u00E9\nnow");
    assertThat(clean.changes())
        .containsExactly("Unicode NFC", "control characters", "line breaks", "outer white space");
  }

  @Test
  void cleanTextIsNotTouched() {
    var row =
        turns("system", "s", "user", "a\n\tb  c \u06CC\u200C\u062E d", "assistant", "{\"x\": 1}");
    assertThat(clean(row, personalData(Policy.REDACT))).isEqualTo(new Clean(row, Set.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "BROKEN, user a",
    "BROKEN, assistant a",
    "BROKEN, user a user b assistant c",
    "BROKEN, user a assistant b assistant c",
    "BROKEN, user a system b assistant c",
    "BROKEN, user a tool b assistant c",
    "BROKEN, user a narrator b assistant c",
    "EMPTY, user a assistant -",
    "EMPTY, user - assistant b",
    "EMPTY, ''"
  })
  void turnsThatTeachNothingAreDropped(DropReason reason, String row) {
    List<String> parts = new ArrayList<>();
    for (String word : row.isEmpty() ? new String[0] : row.split(" ")) {
      parts.add(word.equals("-") ? " \u00A0" : word);
    }
    var dropped = (Dropped) clean(turns(parts.toArray(String[]::new)), personalData(Policy.KEEP));
    assertThat(dropped.reason()).as(dropped.detail()).isEqualTo(reason);
  }

  @Test
  void aToolMaySpeakAfterItWasCalled() {
    var row =
        Conversation.of(
            "r",
            List.of(
                Message.of("user", "a"),
                new Message("assistant", "", "[{\"name\":\"f\"}]", "", null),
                Message.of("tool", "1"),
                Message.of("tool", "2"),
                Message.of("assistant", "b")),
            "");
    assertThat(clean(row, personalData(Policy.KEEP))).isInstanceOf(Clean.class);
  }

  @Test
  void thePolicyDecides() {
    var row =
        turns(
            "system",
            "help@shop.example",
            "user",
            "I am jo@example.com",
            "assistant",
            "jo@example.com");
    assertThat(((Dropped) clean(row, personalData(Policy.DROP))).detail())
        .isEqualTo("turn 2 (user): an e-mail address");
    assertThat(((Clean) clean(row, personalData(Policy.KEEP))).conversation()).isEqualTo(row);
    assertThat(((Clean) clean(row, personalData(Policy.REDACT))).conversation())
        .isEqualTo(
            turns("system", "help@shop.example", "user", "I am [EMAIL]", "assistant", "[EMAIL]"));
  }

  @Test
  void aPseudonymNeedsAKeyAndStandsWhereverTheValueDoes() {
    assertThatThrownBy(() -> personalData(Policy.PSEUDONYM))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("needs a secret key in the environment variable");
    var personalData =
        PersonalData.of(
            Policy.PSEUDONYM, Optional.of(new Pseudonyms("a key of sixteen characters")));
    var row = turns("user", "I am jo@example.com", "assistant", "Hello jo@example.com");
    List<Message> named = ((Clean) clean(row, personalData)).conversation().messages();
    String name = named.get(0).content().substring("I am ".length());
    assertThat(name).matches("\\[EMAIL-[a-z2-7]{8}]");
    assertThat(named.get(1).content()).isEqualTo("Hello " + name);
  }

  private static Cleaning clean(Conversation row, PersonalData personalData) {
    return Cleaning.of(row, CleanRules.DEFAULT, personalData);
  }

  private static PersonalData personalData(Policy policy) {
    return PersonalData.of(policy, Optional.empty());
  }

  private static Conversation turns(String... rolesAndTexts) {
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < rolesAndTexts.length; i += 2) {
      messages.add(Message.of(rolesAndTexts[i], rolesAndTexts[i + 1]));
    }
    return Conversation.of("r", messages, "");
  }
}
