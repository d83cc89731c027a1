/** A Spark sink that writes folders which Hugging Face's {@code load_from_disk} opens. */
package dev.whetstone.datasets.sink;
