package dev.whetstone.datasets.read;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * How rows are laid out; small, since it travels with every block of a file.
 *
 * @param shape name of a shape, or {@link #AUTO}
 * @param mapping for {@link LlamaFactoryShape}: the entry of its {@code dataset_info.json} as JSON
 *     text; else empty
 */
public record RowFormat(String shape, String mapping) implements Serializable {
  /** Each row is told by its keys. */
  public static final RowFormat AUTO = new RowFormat("auto", "");

  public RowFormat {
    requireNonNull(shape, "shape is null");
    requireNonNull(mapping, "mapping is null");
  }
}
