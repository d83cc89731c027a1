package dev.whetstone.datasets.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.datasets.PrepareConfig.LossOn;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.DropReason;
import dev.whetstone.datasets.rows.Message;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.LossMask.Labelled;
import dev.whetstone.models.text.Tokenizer;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowFitterTest {
  @TempDir static Path model;
  private static Tokenizer tokenizer;
  private static RowTokenizer rows;

  @BeforeAll
  static void open() {
    TinyTokenizer.write(model);
    tokenizer = Tokenizer.open(model);
    rows = new RowTokenizer(ChatTemplate.open(model).orElseThrow(), tokenizer, LossOn.ASSISTANT);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  private static List<Fitted> fit(Conversation row, int maxLength, TooLong tooLong) {
    return new RowFitter(rows, 1, maxLength, tooLong).of(row);
  }

  private static Conversation chat(Random random, int exchanges) {
    List<Message> turns = new ArrayList<>();
    if (random.nextBoolean()) {
      turns.add(Message.of(Message.SYSTEM, "be brief"));
    }
    for (int i = 0; i < exchanges; i++) {
      turns.add(Message.of(Message.USER, "q" + i + "?".repeat(random.nextInt(40))));
      turns.add(Message.of(Message.ASSISTANT, "a" + i + "!".repeat(random.nextInt(40))));
    }
    return Conversation.of("row", turns, "");
  }

  @ParameterizedTest
  @EnumSource
  void noRowIsTooLongAndEveryOneHasATarget(TooLong tooLong) {
    for (long seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      Conversation row = chat(random, 1 + random.nextInt(5));
      int maxLength = 20 + random.nextInt(200);
      for (Fitted fitted : fit(row, maxLength, tooLong)) {
        assertThat(fitted.sides().isEmpty())
            .as("seed %d", seed)
            .isEqualTo(fitted.drop().isPresent());
        for (Labelled side : fitted.sides()) {
          assertThat(side.tokens()).as("seed %d", seed).hasSizeLessThanOrEqualTo(maxLength);
          assertThat(RowFitter.targets(side)).as("seed %d", seed).isPositive();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void rowsThatFitStayAsTheyAre(TooLong tooLong) {
    Conversation row = chat(new Random(3), 3);
    List<Fitted> fitted = fit(row, 10_000, tooLong);
    assertThat(fitted).hasSize(1);
    assertThat(fitted.get(0).row()).isEqualTo(row);
    assertThat(fitted.get(0).piece()).isZero();
    assertThat(fitted.get(0).cutTokens()).isZero();
    assertThat(fitted.get(0).sides().get(0).tokens()).isEqualTo(rows.of(row).tokens());
  }

  @Test
  void truncationKeepsTheOtherEnd() {
    Conversation row = chat(new Random(1), 4);
    Labelled whole = rows.of(row);
    int length = whole.tokens().length;
    int max = length - 30;
    Fitted end = fit(row, max, TooLong.TRUNCATE_END).get(0);
    assertThat(end.sides().get(0).tokens()).isEqualTo(Arrays.copyOf(whole.tokens(), max));
    assertThat(end.sides().get(0).labels()).isEqualTo(Arrays.copyOf(whole.labels(), max));
    Fitted start = fit(row, max, TooLong.TRUNCATE_START).get(0);
    assertThat(start.sides().get(0).tokens())
        .isEqualTo(Arrays.copyOfRange(whole.tokens(), 30, length));
    assertThat(start.sides().get(0).labels()[0]).as("nothing foretells it").isEqualTo(-100);
    assertThat(List.of(end.cutTokens(), start.cutTokens())).containsOnly(30);
  }

  @Test
  void aTruncatedRowWithoutTargetsIsDroppedForThatReason() {
    Conversation row =
        Conversation.of(
            "row",
            List.of(Message.of(Message.USER, "why? ".repeat(50)), Message.of("assistant", "so")),
            "");
    Fitted fitted = fit(row, 40, TooLong.TRUNCATE_END).get(0);
    assertThat(fitted.drop().orElseThrow().reason()).isEqualTo(DropReason.NO_TARGET);
    assertThat(fitted.drop().orElseThrow().detail()).contains("cut to 40");
  }

  @Test
  void piecesHoldEveryTurnOnceAndBeginWithTheUser() {
    for (long seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      Conversation row = chat(random, 2 + random.nextInt(8));
      boolean system = row.messages().get(0).role().equals(Message.SYSTEM);
      int max = 60 + random.nextInt(100);
      List<Fitted> pieces = fit(row, max, TooLong.SPLIT);
      if (pieces.get(0).piece() == 0) {
        continue; // the whole row fits
      }
      List<Message> turns = new ArrayList<>();
      for (int p = 0; p < pieces.size(); p++) {
        Fitted piece = pieces.get(p);
        assertThat(piece.piece()).isEqualTo(p + 1);
        assertThat(piece.row().id()).isEqualTo("row#" + (p + 1));
        List<Message> own = piece.row().messages();
        if (system) {
          assertThat(own.get(0)).isEqualTo(row.messages().get(0));
        }
        own = own.subList(system ? 1 : 0, own.size());
        assertThat(own.get(0).role()).isEqualTo(Message.USER);
        turns.addAll(own);
        assertThat(piece.drop().isPresent())
            .as("seed %d: a piece goes only if one exchange alone is too long", seed)
            .isEqualTo(rows.of(piece.row()).tokens().length > max);
        if (p > 0 && piece.drop().isEmpty() && pieces.get(p - 1).drop().isEmpty()) {
          List<Message> longer = new ArrayList<>(pieces.get(p - 1).row().messages());
          longer.addAll(own.subList(0, 2));
          assertThat(rows.of(row.withMessages(longer)).tokens().length)
              .as("seed %d: pieces are as long as they can be", seed)
              .isGreaterThan(max);
        }
      }
      assertThat(turns)
          .as("seed %d", seed)
          .isEqualTo(row.messages().subList(system ? 1 : 0, row.messages().size()));
      assertThat(pieces.stream().mapToInt(Fitted::cutTokens).sum())
          .isEqualTo(
              pieces.stream()
                  .filter(piece -> piece.drop().isPresent())
                  .mapToInt(piece -> rows.of(piece.row()).tokens().length)
                  .sum());
    }
  }

  @Test
  void bothSidesOfAPairAreTreatedAlike() {
    Conversation pair =
        Conversation.pair(
                List.of(Message.of(Message.USER, "why? ".repeat(20))),
                List.of(Message.of(Message.ASSISTANT, "because")),
                List.of(Message.of(Message.ASSISTANT, "no idea at all ".repeat(9))),
                "")
            .withId("pair");
    int max = rows.ofRejected(pair).tokens().length - 12;
    assertThat(fit(pair, max, TooLong.DROP).get(0).drop().orElseThrow().detail())
        .startsWith("with the rejected answer, ");
    assertThat(fit(pair, max, TooLong.SPLIT).get(0).drop().orElseThrow().reason())
        .isEqualTo(DropReason.TOO_LONG);
    Fitted end = fit(pair, max, TooLong.TRUNCATE_END).get(0);
    assertThat(end.cutTokens()).isEqualTo(12);
    assertThat(end.sides().get(0).tokens()).isEqualTo(rows.of(pair).tokens());
    Fitted start = fit(pair, max, TooLong.TRUNCATE_START).get(0);
    int[] chosen = start.sides().get(0).tokens();
    int[] rejected = start.sides().get(1).tokens();
    assertThat(start.cutTokens()).isEqualTo(24);
    assertThat(rejected).hasSize(max);
    int prompt = chosen.length - 10;
    assertThat(IntStream.range(0, prompt).allMatch(t -> chosen[t] == rejected[t]))
        .as("the prompt stays common")
        .isTrue();
  }
}
