package dev.whetstone.workbench.orders;

import dev.whetstone.artifacts.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * The raw file: clean rows, and among them the dirt of real life, of which a list is kept.
 *
 * @param lines JSON Lines, but for lines that are broken on purpose
 * @param planted what is dirty and why, in no particular order
 * @param clean the orders of the clean rows by id
 */
public record RawOrders(
    List<String> lines, List<PlantedRow> planted, Map<String, OrderText> clean) {
  private static final int BROKEN = 12;
  private static final int EMPTY = 12;
  private static final int EXACT = 60;
  private static final int NEAR = 60;
  private static final int PERSONAL = 40;

  /** Words that stand before a text and change nothing; one more run of words, no more. */
  private static final List<String> FILLERS = List.of("Also,", "So,", "Well,", "Okay,");

  private static final List<String> CONTACTS =
      List.of(
          "Write to %s.%s@post.example if anything is unclear.",
          "Questions? Mail %s.%s@orders.example, please.",
          "Call me on +49 171 %07d.",
          "My phone is (555) 010-%04d.");

  /**
   * Makes the file.
   *
   * @param count clean rows
   * @param test the held-out orders, of which some are leaked
   */
  public static RawOrders of(int count, List<OrderText> test, Random random) {
    int leaked = Math.min(30, test.size());
    List<OrderText> orders = OrderWorlds.TRAINING.orders(count + PERSONAL + EMPTY, random);
    var file = new File(random);
    Map<String, OrderText> clean = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String id = "order-%05d".formatted(i);
      clean.put(id, orders.get(i));
      file.lines.add(row(id, orders.get(i).text(), orders.get(i).order().json()));
    }
    for (int i = 0; i < PERSONAL; i++) {
      OrderText order = orders.get(count + i);
      file.plant("personal-data", id -> withContact(id, order, random), 0);
    }
    for (int i = 0; i < EMPTY; i++) {
      OrderText order = orders.get(count + PERSONAL + i);
      boolean user = i % 2 == 0;
      String blank = i % 4 < 2 ? "" : "  ";
      file.plant(
          "empty",
          id -> row(id, user ? blank : order.text(), user ? order.order().json() : blank),
          0);
    }
    for (int i = 0; i < BROKEN; i++) {
      int kind = i % 3;
      file.plant("broken", id -> broken(id, kind), 0);
    }
    for (int i = 0; i < leaked; i++) {
      OrderText item = test.get(i);
      String text = i % 2 == 0 ? item.text() : lightlyEdited(item.text(), random);
      file.plant("contaminated", id -> row(id, text, item.order().json()), 0);
    }
    List<String> ids = new ArrayList<>(clean.keySet());
    Collections.shuffle(ids, random);
    for (int i = 0; i < EXACT + NEAR; i++) {
      OrderText order = clean.get(ids.get(i));
      boolean exact = i < EXACT;
      String text = exact ? order.text() : lightlyEdited(order.text(), random);
      // Behind its original: of equal rows the first stays.
      int from = file.lineOf(ids.get(i)) + 1;
      file.plant(
          exact ? "exact-duplicate" : "near-duplicate",
          id -> row(id, text, order.order().json()),
          from);
    }
    return new RawOrders(List.copyOf(file.lines), List.copyOf(file.planted), Map.copyOf(clean));
  }

  /** A row in the canonical shape. */
  static String row(String id, String text, String answer) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", id);
    row.put(
        "messages",
        List.of(
            message("system", OrderWorlds.INSTRUCTION),
            message("user", text),
            message("assistant", answer)));
    return Json.line(row);
  }

  private static Map<String, String> message(String role, String content) {
    Map<String, String> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content);
    return message;
  }

  private static String broken(String id, int kind) {
    return switch (kind) {
      case 0 -> "{\"id\": \"" + id + "\", \"messages\": [{\"role\": \"user\", \"content\": \"Ple";
      case 1 -> "{\"id\": \"" + id + "\", \"note\": \"row without messages\"}";
      case 2 ->
          "{\"id\": \""
              + id
              + "\", \"messages\": [{\"role\": \"clerk\", \"content\": \"Two lamps.\"}]}";
      default -> throw new IllegalArgumentException("unknown way of being broken: " + kind);
    };
  }

  private static String withContact(String id, OrderText order, Random random) {
    int form = random.nextInt(CONTACTS.size());
    String[] name = order.order().customer().toLowerCase(Locale.ROOT).split(" ", -1);
    String contact =
        switch (form) {
          case 0, 1 -> CONTACTS.get(form).formatted(name[0], name[1]);
          case 2 -> CONTACTS.get(form).formatted(2_000_000 + random.nextInt(7_000_000));
          case 3 -> CONTACTS.get(form).formatted(random.nextInt(10_000));
          default -> throw new IllegalStateException("unknown form: " + form);
        };
    return row(id, order.text() + " " + contact, order.order().json());
  }

  /** Other punctuation and at most one more word, at the start: still the same order. */
  private static String lightlyEdited(String text, Random random) {
    String end = text.endsWith(".") ? text.substring(0, text.length() - 1) + "!" : text + " :)";
    return random.nextBoolean() ? end : FILLERS.get(random.nextInt(FILLERS.size())) + " " + end;
  }

  /** The file while it is made. */
  private static final class File {
    private final Random random;
    private final List<String> lines = new ArrayList<>();
    private final List<PlantedRow> planted = new ArrayList<>();

    private File(Random random) {
      this.random = random;
    }

    /** Puts a row somewhere at or behind line {@code from}. */
    private void plant(String reason, UnaryOperator<String> rowOfId, int from) {
      String id = "order-%05d".formatted(90_000 + planted.size());
      lines.add(from + random.nextInt(lines.size() - from + 1), rowOfId.apply(id));
      planted.add(new PlantedRow(id, reason));
    }

    private int lineOf(String id) {
      String start = "{\"id\":" + Json.line(id);
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).startsWith(start)) {
          return i;
        }
      }
      throw new IllegalArgumentException("no row " + id);
    }
  }
}
