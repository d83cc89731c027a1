package dev.whetstone.models.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Mathematics written as TorchScript in a text resource, packed into an archive by Java and run by
 * libtorch. DJL's own array interface lacks most of what a decoder needs; this way every operator
 * of libtorch is in reach. Gradients are written out too: nothing is recorded. All of Whetstone
 * that depends on DJL's inner classes is in this class.
 *
 * <p>A program has no state of its own: weights come in as arguments. An argument called {@code
 * "X[]"} is one element of the list {@code X}; elements of a list must stand together. Other names
 * only serve the reader: arguments go by position.
 */
public final class TorchScriptProgram implements AutoCloseable {
  /** Names of constants are capitals. */
  private static final Pattern WORD = Pattern.compile("\\b[A-Z][A-Z_]+\\b");

  private final PtSymbolBlock module;
  private final NDManager scope;

  private TorchScriptProgram(PtSymbolBlock module, NDManager scope) {
    this.module = module;
    this.scope = scope;
  }

  /** Loads a program without constants. */
  public static TorchScriptProgram load(
      NDManager parent, Class<?> owner, String resource, String className) {
    return load(parent, owner, List.of(resource), className, Map.of());
  }

  /**
   * Loads a program.
   *
   * @param parent owns the native memory until this program is closed
   * @param owner the class beside which the resource lies
   * @param resources file names of the source's parts, in order, which together are the one class
   *     {@code className}
   * @param constants what words of the source stand for: whole numbers, real numbers, truth values,
   *     lists of them, or text that is an expression
   */
  public static TorchScriptProgram load(
      NDManager parent,
      Class<?> owner,
      List<String> resources,
      String className,
      Map<String, Object> constants) {
    try {
      var parts = new StringBuilder();
      for (String resource : resources) {
        try (InputStream in = owner.getResourceAsStream(resource)) {
          parts.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
      String source = fill(parts.toString(), constants);
      // The profiling executor specialises on shapes, which change with every batch: it only costs
      // time here.
      JniUtils.setGraphExecutorOptimize(false);
      NDManager scope = parent.newSubManager();
      var module =
          JniUtils.loadModule(
              (PtNDManager) scope,
              new ByteArrayInputStream(archive(source, className)),
              true,
              false);
      return new TorchScriptProgram(module, scope);
    } catch (IOException e) {
      throw new UncheckedIOException(resources + ": cannot be read", e);
    }
  }

  private static String fill(String source, Map<String, Object> constants) {
    return WORD.matcher(source)
        .replaceAll(
            word ->
                constants.containsKey(word.group())
                    ? literal(constants.get(word.group()))
                    : word.group());
  }

  private static String literal(Object constant) {
    if (constant instanceof List<?> list) {
      return list.stream()
          .map(TorchScriptProgram::literal)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    if (constant instanceof Boolean flag) {
      return flag ? "True" : "False";
    }
    if (constant instanceof String expression) {
      return expression;
    }
    return constant.toString().replace('E', 'e');
  }

  /**
   * Runs a method.
   *
   * @param arguments the first must belong to the manager that is to own the results
   */
  public NDList call(String method, NDList arguments) {
    NDManager manager = arguments.get(0).getManager();
    try (NDArray name = manager.zeros(new Shape(1))) {
      name.setName("module_method:" + method);
      var all = new NDList(arguments);
      all.add(name);
      return IValueUtils.forward(module, all, false);
    }
  }

  /** Makes what programs draw at random from here on a function of {@code seed}. */
  public static void seed(long seed) {
    JniUtils.setSeed(seed);
  }

  /** Names an argument; see the class comment. Returns {@code array}. */
  public static NDArray named(String name, NDArray array) {
    array.setName(name);
    return array;
  }

  @Override
  public void close() {
    module.close();
    scope.close();
  }

  /**
   * A TorchScript archive: a ZIP of four stored entries (torch,
   * caffe2/serialize/inline_container.h).
   */
  private static byte[] archive(String source, String className) throws IOException {
    var pickle = new ByteArrayOutputStream();
    // Protocol 2: an object of the class, built without arguments, with the state {"training":
    // False}.
    pickle.writeBytes(new byte[] {(byte) 0x80, 2});
    pickle.writeBytes(("c__torch__\n" + className + "\n").getBytes(StandardCharsets.US_ASCII));
    pickle.writeBytes(new byte[] {')', (byte) 0x81, '}', '('});
    byte[] key = "training".getBytes(StandardCharsets.US_ASCII);
    pickle.writeBytes(new byte[] {'X', (byte) key.length, 0, 0, 0});
    pickle.writeBytes(key);
    pickle.writeBytes(new byte[] {(byte) 0x89, 'u', 'b', '.'});

    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      store(zip, "program/version", "10\n".getBytes(StandardCharsets.US_ASCII));
      store(zip, "program/data.pkl", pickle.toByteArray());
      store(zip, "program/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      store(zip, "program/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    var entry = new ZipEntry(name);
    var checksum = new CRC32();
    checksum.update(bytes);
    entry.setSize(bytes.length);
    entry.setCompressedSize(bytes.length);
    entry.setCrc(checksum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
