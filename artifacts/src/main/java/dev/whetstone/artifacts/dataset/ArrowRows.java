package dev.whetstone.artifacts.dataset;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.dataset.DatasetFolder.CloseableIterator;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.util.ValueVectorUtility;

/**
 * The rows of several Arrow IPC streams, one after the other. Owns one allocator, which {@link
 * #close} closes; no value that is handed out refers to its memory.
 */
final class ArrowRows<T> implements CloseableIterator<T> {
  private static final int BUFFER_BYTES = 1 << 20;

  /** Reads rows out of the columns of one file. */
  interface Columns<T> {
    /**
     * @param index row within the current batch
     * @param row index over all files, from 0
     * @throws IllegalArgumentException if the row breaks a rule; the message says which
     */
    T row(int index, long row);
  }

  /** Finds the columns that it needs. */
  interface ColumnsOf<T> {
    /**
     * @throws BadInputException if a column is missing or of another type
     */
    Columns<T> of(VectorSchemaRoot root, Path file);
  }

  private final List<Path> files;
  private final ColumnsOf<T> columnsOf;
  private final BufferAllocator allocator = new RootAllocator();
  private int nextFile;
  private Path file;
  private ArrowStreamReader reader;
  private Columns<T> columns;
  private int index;
  private int batchRows;
  private long rowInFile;
  private long row;
  private boolean closed;

  ArrowRows(List<Path> files, ColumnsOf<T> columnsOf) {
    this.files = files;
    this.columnsOf = columnsOf;
  }

  @Override
  public boolean hasNext() {
    while (!closed && index >= batchRows) {
      if (reader == null) {
        if (nextFile == files.size()) {
          return false;
        }
        openFile(files.get(nextFile++));
      }
      nextBatch();
    }
    return !closed;
  }

  private void openFile(Path next) {
    file = next;
    ArrowStreamCheck.rows(file);
    try {
      reader =
          new ArrowStreamReader(
              new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES), allocator);
      columns = columnsOf.of(reader.getVectorSchemaRoot(), file);
    } catch (BadInputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    }
    rowInFile = 0;
  }

  private void nextBatch() {
    try {
      index = 0;
      batchRows = 0;
      if (reader.loadNextBatch()) {
        ValueVectorUtility.validateFull(reader.getVectorSchemaRoot());
        batchRows = reader.getVectorSchemaRoot().getRowCount();
        return;
      }
      reader.close();
      reader = null;
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    }
  }

  /** Whatever Arrow throws at broken metadata: its readers check little. */
  private BadInputException damaged(Exception e) {
    return new BadInputException(
        "%s: cannot be read as an Arrow stream after row %d (%s). Prepare the dataset again."
            .formatted(file, rowInFile, e.getMessage()),
        e);
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    try {
      T value = columns.row(index, row);
      index++;
      rowInFile++;
      row++;
      return value;
    } catch (RuntimeException e) {
      throw new BadInputException(
          "%s, row %d: %s. Prepare the dataset again.".formatted(file, rowInFile, e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (reader != null) {
        reader.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be closed", e);
    } finally {
      allocator.close();
    }
  }
}
