package dev.whetstone.datasets.clean;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.datasets.clean.Cleaning.Clean;
import dev.whetstone.datasets.clean.Cleaning.Dropped;
import dev.whetstone.datasets.clean.PersonalData.Policy;
import dev.whetstone.datasets.personal.Findings;
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
import org.junit.jupiter.params.provider.ValueSource;

class CleaningTest {
  @Test
  void textIsMendedAndTheRulesAreNamed() {
    var clean =
        (Clean)
            Cleaning.of(
                turns("user", " Cafe\u0301\u0007\r\nnow\u00A0 ", "assistant", "ok"),
                personalData(Policy.DROP));
    assertThat(clean.conversation().messages().get(0).content()).isEqualTo("Caf\u00E9\nnow");
    assertThat(clean.changes())
        .containsExactly("Unicode NFC", "control characters", "line breaks", "outer white space");
  }

  @Test
  void cleanTextIsNotTouched() {
    var row = turns("system", "s", "user", "a\n\tb  c \u200D d", "assistant", "{\"x\": 1}");
    assertThat(Cleaning.of(row, personalData(Policy.REDACT))).isEqualTo(new Clean(row, Set.of()));
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
    var dropped =
        (Dropped) Cleaning.of(turns(parts.toArray(String[]::new)), personalData(Policy.KEEP));
    assertThat(dropped.reason()).as(dropped.detail()).isEqualTo(reason);
  }

  @Test
  void aToolMaySpeakAfterItWasCalled() {
    var row =
        new Conversation(
            "r",
            List.of(
                Message.of("user", "a"),
                new Message("assistant", "", "[{\"name\":\"f\"}]"),
                Message.of("tool", "1"),
                Message.of("tool", "2"),
                Message.of("assistant", "b")),
            "");
    assertThat(Cleaning.of(row, personalData(Policy.KEEP))).isInstanceOf(Clean.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "write to jo.doe+shop@mail.example.co.uk please | write to [EMAIL] please",
        "Mail: <anna@example.com>. | Mail: <[EMAIL]>.",
        "call +49 171 2345678 now | call [PHONE] now",
        "+1 (555) 010-0123 | [PHONE]",
        "reach me at (555) 210-0123, thanks | reach me at [PHONE], thanks",
        "555-210-0123 | [PHONE]",
        "call me at 555-0142 today | call me at [PHONE] today",
        "My phone number is 5550142. | My phone number is [PHONE].",
        "Tel.: 0171 2345678 | Tel.: [PHONE]",
        "ring 020 7946 0958 | ring [PHONE]",
        "0049 171 2345678 | [PHONE]"
      })
  void personalDataIsFound(String text, String redacted) {
    assertThat(Findings.in(text).redacted()).isEqualTo(redacted);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Order 555-210-0123 was late",
        "order no. 4711-2233-9",
        "Invoice #2024-000123-77",
        "SKU 555.210.0123",
        "1234567 pieces",
        "12 x 400 units at 1,299.99",
        "on 2026-11-24 at 10:30",
        "24.11.2026",
        "05-12-2024",
        "between 100-200 and 3000",
        "ISBN 978-3-16-148410-0",
        "50% @ 20",
        "@handle and a@b",
        "{\"quantity\": 1200345, \"price\": 19.90, \"zip\": \"10115\"}",
        "ring of 20 keys, call it 7",
        "version 10.0.19045.3208",
        "IP 192.168.100.200"
      })
  void numbersOfBusinessAreNoPersonalData(String text) {
    assertThat(Findings.in(text).redacted()).isEqualTo(text);
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
    assertThat(((Dropped) Cleaning.of(row, personalData(Policy.DROP))).detail())
        .isEqualTo("turn 2 (user): an e-mail address");
    assertThat(((Clean) Cleaning.of(row, personalData(Policy.KEEP))).conversation()).isEqualTo(row);
    assertThat(((Clean) Cleaning.of(row, personalData(Policy.REDACT))).conversation())
        .isEqualTo(
            turns("system", "help@shop.example", "user", "I am [EMAIL]", "assistant", "[EMAIL]"));
  }

  private static PersonalData personalData(Policy policy) {
    return PersonalData.of(policy, Optional.empty());
  }

  private static Conversation turns(String... rolesAndTexts) {
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < rolesAndTexts.length; i += 2) {
      messages.add(Message.of(rolesAndTexts[i], rolesAndTexts[i + 1]));
    }
    return new Conversation("r", messages, "");
  }
}
