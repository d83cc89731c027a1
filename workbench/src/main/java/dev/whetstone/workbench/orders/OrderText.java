package dev.whetstone.workbench.orders;

import static java.util.Objects.requireNonNull;

/**
 * An order as a customer wrote it.
 *
 * @param pattern number of the sentence pattern in its world
 */
public record OrderText(Order order, String text, int pattern) {
  public OrderText {
    requireNonNull(order, "order is null");
    requireNonNull(text, "text is null");
  }
}
