package dev.whetstone.workbench.orders;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The people, goods, places and sentences of which orders are made. A pattern names each of {@code
 * {customer}}, {@code {quantity}}, {@code {product}}, {@code {city}} and {@code {day}} once; a
 * remark names none of them and may hold a {@code {number}} that means nothing for the order.
 */
public record OrderWorld(
    List<String> firstNames,
    List<String> lastNames,
    List<String> materials,
    List<String> goods,
    List<String> cities,
    List<String> patterns,
    List<String> remarks) {

  private static final List<String> SLOTS =
      List.of("{customer}", "{quantity}", "{product}", "{city}", "{day}");
  private static final List<String> DAYS =
      List.of("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");
  private static final int MOST_PIECES = 96;

  private static final double REMARK_SHARE = 0.6;

  public OrderWorld {
    firstNames = List.copyOf(firstNames);
    lastNames = List.copyOf(lastNames);
    materials = List.copyOf(materials);
    goods = List.copyOf(goods);
    cities = List.copyOf(cities);
    patterns = List.copyOf(patterns);
    remarks = List.copyOf(remarks);
    for (String pattern : patterns) {
      for (String slot : SLOTS) {
        if (pattern.split(Pattern.quote(slot), -1).length != 2) {
          throw new IllegalArgumentException(
              "a pattern must name %s once: %s".formatted(slot, pattern));
        }
      }
    }
  }

  /** The names of products that this world can make. */
  public List<String> products() {
    return materials.stream().flatMap(m -> goods.stream().map(g -> m + " " + g)).toList();
  }

  /** The names of customers that this world can make. */
  public List<String> customers() {
    return firstNames.stream().flatMap(f -> lastNames.stream().map(l -> f + " " + l)).toList();
  }

  /**
   * Orders, no customer twice, patterns in turn so that each occurs equally often.
   *
   * <p>That customers differ keeps any two orders far from being near duplicates: a name stands in
   * the text and in the answer and breaks every run of words across it.
   *
   * @throws IllegalArgumentException if there are not that many customers
   */
  public List<OrderText> orders(int count, Random random) {
    List<String> customers = new ArrayList<>(customers());
    if (count > customers.size()) {
      throw new IllegalArgumentException(
          "at most %d orders, one a customer: %d".formatted(customers.size(), count));
    }
    Collections.shuffle(customers, random);
    List<OrderText> orders = new ArrayList<>();
    Set<String> texts = new HashSet<>();
    for (int i = 0; i < count; i++) {
      OrderText order = order(customers.get(i), i % patterns.size(), random);
      if (!texts.add(order.text())) {
        throw new IllegalStateException("two equal texts: " + order.text());
      }
      orders.add(order);
    }
    Collections.shuffle(orders, random);
    return orders;
  }

  private OrderText order(String customer, int pattern, Random random) {
    var order =
        new Order(
            customer,
            one(materials, random) + " " + one(goods, random),
            pieces(random),
            one(cities, random),
            one(DAYS, random));
    String text =
        patterns
            .get(pattern)
            .replace("{customer}", order.customer())
            .replace("{quantity}", Integer.toString(order.quantity()))
            .replace("{product}", order.product())
            .replace("{city}", order.city())
            .replace("{day}", order.day());
    if (random.nextDouble() < REMARK_SHARE) {
      String remark = one(remarks, random).replace("{number}", Integer.toString(pieces(random)));
      text = random.nextInt(3) == 0 ? remark + " " + text : text + " " + remark;
    }
    return new OrderText(order, text, pattern);
  }

  private static int pieces(Random random) {
    return 2 + random.nextInt(MOST_PIECES - 1);
  }

  private static String one(List<String> all, Random random) {
    return all.get(random.nextInt(all.size()));
  }
}
