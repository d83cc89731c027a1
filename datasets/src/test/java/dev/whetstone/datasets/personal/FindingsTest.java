package dev.whetstone.datasets.personal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FindingsTest {
  /** Sentences with numbers that are nobody's. */
  private static final List<String> TEXTS =
      List.of(
          "Natalia sold 48 clips in April. Then she sold half as many, 24, in May. #### 72",
          "Order 555-210-0123 left on 2026-11-24 at 10:30. It weighs 1,299.99 kg. All is well.",
          "Version 10.0.19045.3208 fixes issue 4711. Build 1.2.3.4 did not. See section 4.2.1.9.",
          "The sum of 4111 and 1111 is 5222. Multiply by 1000000007. The result has 13 digits.",
          "In 1,024 tokens there are 3.14159265358979 reasons. Pi is 3.14. It never ends.",
          "他的订单号是20240001。价格为199元。请于11月24日之前发货。 Thank you. Good night.",
          "The password is swordfish. A token is a word. The secret: keep calm. Be patient.");

  @Test
  void whatIsPlantedIsFoundAndLittleElse() {
    Map<String, PlantedPersonalData.Tally> tallies = PlantedPersonalData.tally(TEXTS, 2000, 17);
    tallies.forEach(
        (kind, tally) -> {
          assertThat(tally.recall()).as("%s: %s", kind, tally).isGreaterThanOrEqualTo(0.98);
          assertThat(tally.precision()).as("%s: %s", kind, tally).isGreaterThanOrEqualTo(0.98);
        });
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
        "0049 171 2345678 | [PHONE]",
        "pay with 4012 8888 8888 1881 | pay with [CARD]",
        "3782 822463 10005, please | [CARD], please",
        "身份证11010519491231002X。 | 身份证[IDENTITY]。",
        "from 93.184.216.34 and 10.0.0.1 | from [IP] and 10.0.0.1",
        "from 2606:4700:4700::1111. | from [IP].",
        "password = hunter2hunter3x | password = [SECRET]",
        "Phone: (123) 456-7891 | Phone: [PHONE]",
        "Jo (123) 456-7891 | Jo [PHONE]",
        "call 555 210 0123 now | call [PHONE] now",
        "sk-0123456789abcdef0123456789abcdef | [SECRET]",
        "sk-proj-Ab3dEf6hIj9kLm_nOp-qRs0tUv | [SECRET]",
        "sk-ant-api03-Ab3dEf6hIj9kLm-nOpqRs | [SECRET]",
        "ms-0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d | [SECRET]",
        "LTAI5tAbCdEfGhIjKlMnOp12 | [SECRET]",
        "glpat-aB3dEf6hIj9kLmNoPq12 | [SECRET]",
        "npm_abcdefghijABCDEFGHIJ0123456789abcdef | [SECRET]",
        "postgres://app:s3cr3tPw@db.example.com/x | postgres://app:[SECRET]@db.example.com/x",
        "redis://:hunter2@10.0.0.5:6379 | redis://:[SECRET]@10.0.0.5:6379",
        "\"api_key\": \"f3a9c01be77d\" | \"api_key\": \"[SECRET]\"",
        "电话13812345678。 | 电话[PHONE]。"
      })
  void eachKindHasItsName(String text, String redacted) {
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
        "IP 192.168.100.200",
        "4012 8888 8888 1882",
        "4111 1111 1111 1111",
        "1234 5678 9012 3456",
        "0.4111111111111111",
        "110105194912310021",
        "110105194913310026",
        "version 8.8.4.4",
        "1.2.3.4",
        "192.168.0.7 and 127.0.0.1 and 203.0.113.9",
        "256.1.1.1",
        "8.8.8.8.8",
        "2001:db8::1 is for books",
        "std::vector<int>",
        "at 12:30:45",
        "the password is correcthorse",
        "token: assistant",
        "sk-learn is a library",
        "<div class=\"sk-folding-cube-animation-container2\">",
        "risk-0123456789abcdef0123",
        "sk-abcdefghijklmnopqrstuvwxyz",
        "ms-windows-store, ms-office",
        "postgres://user:password@localhost/db and mysql://u:<password>@h and x://u:${PASS}@h",
        "http://example.com:8080/path@2x.png",
        "0 96 95 255 241 6950 7000 438 398 7950 8000",
        "550e8400-e29b-41d4-a716-446655440000",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "13.8123456780"
      })
  void whatOnlyLooksLikeItStays(String text) {
    assertThat(Findings.in(text).redacted()).isEqualTo(text);
  }

  @Test
  void hashesAndBinaryDataInBase64AreNoSecrets() {
    Random random = new Random(3);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = new byte[i % 3 == 0 ? 4096 : 32];
      random.nextBytes(bytes);
      String text =
          i % 3 == 1
              ? HexFormat.of().formatHex(bytes)
              : i % 3 == 2
                  ? UUID.nameUUIDFromBytes(bytes).toString()
                  : "data:image/png;base64," + Base64.getEncoder().encodeToString(bytes);
      assertThat(Findings.in("see " + text + " there").all()).as(text).isEmpty();
    }
  }

  @Test
  void theCheckCharacterIsThatOfTheStandard() {
    // GB 11643-1999, appendix A: 11010519491231002X and 440524188001010014.
    assertThat(IdentityNumbers.check("11010519491231002")).isEqualTo('X');
    assertThat(IdentityNumbers.isValid("440524188001010014")).isTrue();
    assertThat(IdentityNumbers.isValid("440524188001010015")).isFalse();
  }

  @Test
  void oneValueHasOnePseudonymUnderOneKey() {
    var one = new Pseudonyms("a key of sixteen characters or more");
    var other = new Pseudonyms("another key of sixteen characters");
    String text = "Jo.Doe@example.com wrote to jo.doe@example.com and to al@example.com";
    String named = Findings.in(text).pseudonymised(one);
    List<String> names = List.of(named.split(" wrote to | and to "));
    assertThat(names.get(0)).matches("\\[EMAIL-[a-z2-7]{8}]").isEqualTo(names.get(1));
    assertThat(names.get(2)).isNotEqualTo(names.get(0));
    assertThat(Findings.in(text).pseudonymised(one)).isEqualTo(named);
    assertThat(Findings.in(text).pseudonymised(other)).doesNotContain(names.get(0), names.get(2));
    assertThat(one.fingerprint()).isNotEqualTo(other.fingerprint()).doesNotContain("key");
    assertThatThrownBy(() -> new Pseudonyms("short"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("at least 16 characters, found 5");
  }
}
