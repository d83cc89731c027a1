package dev.whetstone.datasets.sink;

import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseVariableWidthViewVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.validate.ValidateVectorBufferVisitor;
import org.apache.arrow.vector.validate.ValidateVectorDataVisitor;

/**
 * Whether a column that anybody may have written can be read without leaving its buffers. Not
 * {@code ValueVectorUtility.validateFull}: that one knows no views, float16 and lists of a fixed
 * size, and refuses decimals that use all their digits (Arrow 19).
 */
public final class ArrowCheck {
  private ArrowCheck() {}

  /**
   * Returns if the column and all below it are sound.
   *
   * @throws RuntimeException of Arrow if it points outside its buffers
   */
  public static void check(FieldVector vector) {
    vector.accept(new Buffers(), null);
    vector.accept(new Offsets(), null);
  }

  /** Whether buffers hold as many values as they should. */
  private static final class Buffers extends ValidateVectorBufferVisitor {
    @Override
    public Void visit(BaseVariableWidthViewVector vector, Void value) {
      return null; // each view is looked at below
    }
  }

  /** Offsets, which readers follow without looking. */
  private static final class Offsets extends ValidateVectorDataVisitor {
    @Override
    public Void visit(BaseFixedWidthVector vector, Void value) {
      return null; // any bits are a value
    }

    @Override
    public Void visit(FixedSizeListVector vector, Void value) {
      return vector.getDataVector().accept(this, null); // there are no offsets
    }

    @Override
    public Void visit(BaseVariableWidthViewVector vector, Void value) {
      for (int row = 0; row < vector.getValueCount(); row++) {
        if (!vector.isNull(row)) {
          vector.getObject(row);
        }
      }
      return null;
    }
  }
}
