package dev.whetstone.datasets.decontaminate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.items.ItemsFolder.Item;
import dev.whetstone.datasets.dedup.Words;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ItemIndexTest {
  private static final String INSTRUCTION =
      "Turn the following order of a customer into one JSON object with fixed keys: ";

  private static final String SOLUTION =
      "Each crate holds 12 jars, so 7 crates hold 7*12=<<7*12=84>>84 jars. Half of them are broken,"
          + " which leaves 84/2=<<84/2=42>>42 jars.\n#### 42";

  private static final String GLUCOSE =
      "By which of these is glucose carried into the muscle cells of a healthy adult?\n";

  private static final List<Item> ITEMS = items();

  private static List<Item> items() {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      items.add(
          item(
              i,
              INSTRUCTION
                  + "customer number %d would like %d crates of item %d by tomorrow, street %d"
                      .formatted(i, 3 * i, 7 * i, 11 * i),
              "{}"));
    }
    items.add(item(30, "What is the boiling point of water?", "100 degrees"));
    items.add(item(31, "2 + 2 = ?", "4"));
    items.add(item(32, "How many whole jars does the farmer carry home?", SOLUTION));
    items.add(
        item(
            33,
            GLUCOSE
                + "A. a carrier called GLUT4\nB. plain diffusion\nC. hexokinase\nD. carbon rings\n"
                + "Answer:",
            "A",
            "B",
            "C",
            "D"));
    items.add(item(34, "Who wrote it?\n(A) Jane the elder\n(B) Emily of the moor", "(B)"));
    items.add(item(35, "汽车在红灯前停下来之后司机为什么还要再往后看一眼并且慢慢地把车窗摇下来", "他累了"));
    return items;
  }

  private static final ItemIndex INDEX = new ItemIndex(ITEMS, 8, 0.4);

  @Test
  void aLeakedQuestionIsFoundWhateverItsCaseAndPunctuation() {
    String question =
        ITEMS.get(3).question().substring(INSTRUCTION.length()).toUpperCase(Locale.ROOT);
    Contamination found = INDEX.find(row("please: " + question.replace(",", " -"))).get(0);
    assertThat(found.task()).isEqualTo("orders");
    assertThat(found.docId()).isEqualTo(3);
    assertThat(found.item()).isEqualTo(3);
    assertThat(found.share()).isGreaterThanOrEqualTo(0.4);
    assertThat(found.evidence()).startsWith("customer number 3 would like 9 crates");
  }

  @Test
  void theInstructionThatAllItemsShareIsNoEvidence() {
    assertThat(INDEX.find(row(INSTRUCTION + "send me a big box of nails for the new shed")))
        .isEmpty();
  }

  @Test
  void ofTheSystemTurnNothingCounts() {
    assertThat(INDEX.find(row("hi", Message.of("system", ITEMS.get(3).question())))).isEmpty();
  }

  @Test
  void aShortQuestionCountsOnlyWithItsAnswer() {
    assertThat(INDEX.find(row("Tell me: what is the boiling point of water?"))).isEmpty();
    assertThat(found(row("Tell me: what is the boiling point of water? 100 degrees, right?")))
        .containsExactly("30 QUESTION");
    assertThat(found(turns("What is the BOILING point of water", "It is 100 degrees.")))
        .containsExactly("30 WHOLE");
    assertThat(found(turns("Who wrote it?", "Emily of the moor"))).as("three words").isEmpty();
  }

  @Test
  void aQuestionOfTwoWordsIsNoEvidence() {
    assertThat(INDEX.find(row("2 + 2 = ? It is 4"))).isEmpty();
  }

  @Test
  void anAnswerIsFoundWithoutItsQuestionAndWithoutTheCalculatorsNotes() {
    assertThat(found(turns("Explain.", SOLUTION))).containsExactly("32 ANSWER");
    assertThat(found(turns("Explain.", SOLUTION.replaceAll("<<[^<>]*>>", ""))))
        .containsExactly("32 ANSWER");
    assertThat(found(turns(ITEMS.get(32).question(), SOLUTION))).containsExactly("32 WHOLE");
  }

  @Test
  void theOrderOfOptionsAndTheTurnThatHoldsThemDoNotMatter() {
    assertThat(
            found(
                turns(
                    GLUCOSE + "A. hexokinase\nB. a carrier called GLUT4\nC. carbon rings",
                    "a carrier called GLUT4")))
        .containsExactly("33 WHOLE");
    assertThat(found(turns(GLUCOSE, "plain diffusion"))).containsExactly("33 QUESTION");
    assertThat(found(turns(GLUCOSE, "A, of course"))).containsExactly("33 WHOLE");
  }

  @Test
  void aQuestionMayBeSpreadOverTurns() {
    String[] words = ITEMS.get(3).question().substring(INSTRUCTION.length()).split(" ");
    String first = String.join(" ", List.of(words).subList(0, 9));
    String last = String.join(" ", List.of(words).subList(5, words.length));
    assertThat(INDEX.find(row(first))).as("too few words").isEmpty();
    assertThat(found(row(last, Message.of("user", first)))).containsExactly("3 QUESTION");
  }

  @Test
  void theRejectedAnswerIsSearchedToo() {
    var pair =
        Conversation.pair(
            List.of(Message.of("user", "Explain.")),
            List.of(Message.of("assistant", "No.")),
            List.of(Message.of("assistant", SOLUTION)),
            "");
    assertThat(found(pair)).containsExactly("32 ANSWER");
  }

  @Test
  void inScriptsWithoutSpacesMoreCharactersAreAskedFor() {
    String question = ITEMS.get(35).question();
    assertThat(found(row("请问：" + question + "？"))).containsExactly("35 QUESTION");
    assertThat(found(row(question.substring(0, 2 * ItemIndex.LEAST_WORDS)))).hasSize(1);
    assertThat(found(row(question.substring(0, 2 * ItemIndex.LEAST_WORDS - 1)))).isEmpty();
  }

  @Test
  void halfOfAQuestionIsFoundAndLessIsNot() {
    String words = IntStream.range(0, 40).mapToObj(i -> "w" + i).collect(Collectors.joining(" "));
    var index = new ItemIndex(List.of(item(0, words, "x")), 8, 0.4);
    List<String> each = List.of(words.split(" "));
    assertThat(index.find(row(String.join(" ", each.subList(0, 15))))).isEmpty();
    assertThat(index.find(row(String.join(" ", each.subList(24, 40)))))
        .singleElement()
        .satisfies(
            c ->
                assertThat(c.detail())
                    .isEqualTo(
                        "orders, item 0: 40 % of the question, \""
                            + String.join(" ", each.subList(24, 40))
                            + "\""));
  }

  @Test
  void twoCopiesOfABenchmarkDoNotMakeItsQuestionsCommon() {
    List<Item> copies = new ArrayList<>();
    for (int copy = 0; copy < 8; copy++) {
      copies.add(
          new Item("copy" + copy, "1", 0, ITEMS.get(33).question(), List.of("A"), "", "", ""));
    }
    assertThat(new ItemIndex(copies, 8, 0.4).find(turns(GLUCOSE, "?"))).hasSize(8);
  }

  @Test
  void itemsThatWordsCannotTellApartAreCountedAsSuch() {
    List<Item> brackets = new ArrayList<>(List.of(ITEMS.get(33)));
    for (String open : List.of("(", "[", "{", "<", "((", "[[")) {
      brackets.add(item(brackets.size(), "Complete the row of brackets: " + open, ")"));
    }
    var index = new ItemIndex(brackets, 8, 0.4);
    assertThat(index.coverage()).containsEntry("orders", new ItemIndex.Coverage(7, 1));
    assertThat(index.find(turns("Complete the row of brackets: (", ")"))).isEmpty();
  }

  /** The slow twin: runs as lists of words, each looked for by walking. */
  @Test
  void findsWhatRunsAsListsOfWordsFind() {
    for (long seed = 0; seed < 15; seed++) {
      var random = new Random(seed);
      int n = 3 + random.nextInt(6);
      List<Item> items = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        items.add(item(i, text(random, 14 + random.nextInt(40)), "x"));
      }
      var index = new ItemIndex(items, n, 0.3);
      for (int r = 0; r < 10; r++) {
        String said = items.get(random.nextInt(12)).question();
        int cut = random.nextInt(said.length());
        String user = text(random, 5) + " " + said.substring(cut) + " " + text(random, 9);
        var found =
            index.find(row(user)).stream()
                .map(c -> "%d %.6f".formatted(c.docId(), c.share()))
                .collect(Collectors.toSet());
        assertThat(found).as("seed %d, row %d", seed, r).isEqualTo(slowly(items, n, 0.3, user));
      }
    }
  }

  private static Set<String> slowly(List<Item> items, int n, double minShare, String row) {
    List<String> said = Words.of(row);
    List<List<String>> all = items.stream().map(item -> Words.of(item.question())).toList();
    Set<String> found = new HashSet<>();
    for (Item item : items) {
      List<String> words = all.get(item.docId());
      var telling = new BitSet();
      var shared = new BitSet();
      for (int i = 0; i + n <= words.size(); i++) {
        List<String> run = words.subList(i, i + n);
        long texts = all.stream().filter(o -> Collections.indexOfSubList(o, run) >= 0).count();
        if (texts <= ItemIndex.COMMON_TEXTS) {
          telling.set(i, i + n);
          if (Collections.indexOfSubList(said, run) >= 0) {
            shared.set(i, i + n);
          }
        }
      }
      int least = Math.min(telling.cardinality(), ItemIndex.LEAST_WORDS);
      double share = (double) shared.cardinality() / telling.cardinality();
      if (!shared.isEmpty() && shared.cardinality() >= least && share >= minShare) {
        found.add("%d %.6f".formatted(item.docId(), share));
      }
    }
    return found;
  }

  /** Few different words, so that runs are shared. */
  private static String text(Random random, int words) {
    return IntStream.range(0, words)
        .mapToObj(i -> "w" + random.nextInt(3 + (i % 5)))
        .collect(Collectors.joining(" "));
  }

  private static List<String> found(Conversation row) {
    return INDEX.find(row).stream().map(c -> c.docId() + " " + c.kind().name()).toList();
  }

  private static Item item(int docId, String question, String... answers) {
    return new Item("orders", "1", docId, question, List.of(answers), "", "", "");
  }

  private static Conversation turns(String user, String assistant) {
    return Conversation.of(
        "r", List.of(Message.of("user", user), Message.of("assistant", assistant)), "");
  }

  private static Conversation row(String user, Message... before) {
    List<Message> messages = new ArrayList<>(List.of(before));
    messages.add(Message.of("user", user));
    messages.add(Message.of("assistant", "ok"));
    return Conversation.of("r", messages, "");
  }
}
