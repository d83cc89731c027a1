package dev.whetstone.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ContentHashTest {
  private static ContentHash hash() {
    return ContentHash.of("test/1");
  }

  @Test
  void differentSequencesOfPartsDiffer() {
    var hashes =
        List.of(
            hash().add("ab").add("c").finish(),
            hash().add("a").add("bc").finish(),
            hash().add("abc").finish(),
            hash().add("abc").add("").finish(),
            hash().add(new byte[] {'a', 'b', 'c'}).finish(),
            hash().add(3).finish(),
            hash().add(new int[] {3}).finish(),
            hash().add(new byte[] {3, 0, 0, 0}).finish(),
            hash().addJson(3).finish(),
            ContentHash.of("test/2").add("abc").finish());
    assertThat(hashes).doesNotHaveDuplicates().allMatch(h -> h.matches("sha256:[0-9a-f]{64}"));
  }

  /** Once, a text's kind stood behind its length and could be taken for a byte of a block. */
  @Test
  void theKindOfAPartIsNotTakenForItsContent() {
    long number = 0x6e; // the head byte of a number
    String textThenNumber =
        hash().add("n").add(number << 56).startBytes(1).addBlock(bytes('x')).finish();
    String blockThenNumber =
        hash().startBytes(1).addBlock(bytes('s')).add(number).add("x").finish();
    assertThat(textThenNumber).isNotEqualTo(blockThenNumber);
  }

  private static ByteBuffer bytes(char one) {
    return ByteBuffer.wrap(new byte[] {(byte) one});
  }

  @Test
  void cuttingBytesIntoBlocksChangesNothing() {
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      ContentHash blocks = hash().startBytes(bytes.length);
      for (int at = 0; at < bytes.length; ) {
        int count = Math.min(bytes.length - at, 1 + random.nextInt(50));
        blocks.addBlock(ByteBuffer.wrap(bytes, at, count));
        at += count;
      }
      assertThat(blocks.finish()).as("seed %d", seed).isEqualTo(hash().add(bytes).finish());
    }
  }

  @Test
  void theOrderOfKeysDoesNotEnter() {
    var one = new HashMap<String, Object>();
    var two = new java.util.LinkedHashMap<String, Object>();
    for (int i = 20; i > 0; i--) {
      two.put("key" + i, Map.of("b", i, "a", List.of(i)));
    }
    one.putAll(two);
    assertThat(hash().addJson(one).finish()).isEqualTo(hash().addJson(two).finish());
    assertThat(hash().addJson(Json.mapper().valueToTree(two)).finish())
        .isEqualTo(hash().addJson(two).finish());
  }

  /** {@code printf abc | sha256sum} (coreutils 9.1). */
  @Test
  void plainHashIsThatOfSha256sum() {
    assertThat(ContentHash.sha256("abc"))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
}
