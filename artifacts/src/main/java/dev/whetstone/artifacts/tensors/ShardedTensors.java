package dev.whetstone.artifacts.tensors;

import dev.whetstone.artifacts.BadInputException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tensors of several files as one source. */
final class ShardedTensors implements TensorSource {
  private final Path index;
  private final Map<String, MappedTensors> shardByTensor;
  private final Collection<MappedTensors> shards;

  /** Takes over {@code shards}: they are closed with this. */
  ShardedTensors(
      Path index, Map<String, MappedTensors> shardByTensor, Collection<MappedTensors> shards) {
    this.index = index;
    this.shardByTensor = Collections.unmodifiableMap(shardByTensor);
    this.shards = shards;
  }

  MappedTensors shard(String name) {
    MappedTensors shard = shardByTensor.get(name);
    if (shard == null) {
      throw new BadInputException("%s: lists no tensor \"%s\".".formatted(index, name));
    }
    return shard;
  }

  @Override
  public Set<String> names() {
    return shardByTensor.keySet();
  }

  @Override
  public List<Long> shape(String name) {
    return shard(name).shape(name);
  }

  @Override
  public Dtype dtype(String name) {
    return shard(name).dtype(name);
  }

  @Override
  public void read(String name, long first, FloatBuffer into) {
    shard(name).read(name, first, into);
  }

  @Override
  public void close() {
    shards.forEach(MappedTensors::close);
  }
}
