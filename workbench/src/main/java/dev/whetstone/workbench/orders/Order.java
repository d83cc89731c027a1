package dev.whetstone.workbench.orders;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a text asks for. Every value stands in the text verbatim.
 *
 * @param quantity pieces, at least 1
 * @param day of the week on which it is to arrive
 */
public record Order(String customer, String product, int quantity, String city, String day) {
  public Order {
    requireNonNull(customer, "customer is null");
    requireNonNull(product, "product is null");
    requireNonNull(city, "city is null");
    requireNonNull(day, "day is null");
    if (quantity < 1) {
      throw new IllegalArgumentException("quantity must be >= 1: " + quantity);
    }
  }

  /** The answer that a model has to give: one line, keys in this order, spaces as Python has. */
  public String json() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("customer", customer);
    fields.put("product", product);
    fields.put("quantity", quantity);
    fields.put("city", city);
    fields.put("day", day);
    var line = new StringBuilder("{");
    fields.forEach(
        (key, value) ->
            line.append(line.length() == 1 ? "" : ", ")
                .append(Json.line(key))
                .append(": ")
                .append(Json.line(value)));
    return line.append('}').toString();
  }
}
