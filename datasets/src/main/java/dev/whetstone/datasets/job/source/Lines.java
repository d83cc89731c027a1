package dev.whetstone.datasets.job.source;

import java.io.Closeable;
import java.util.Iterator;

/**
 * The rows of a block, in order. Whoever opened it closes it; read to its end it has closed itself.
 *
 * <p>Where a file turns out to be cut off or damaged, {@code next} or {@code hasNext} throws a
 * {@link dev.whetstone.artifacts.BadInputException} that names file and place.
 */
public interface Lines extends Iterator<Line>, Closeable {
  /** Nothing more to read: called again, it does nothing. */
  @Override
  void close();
}
