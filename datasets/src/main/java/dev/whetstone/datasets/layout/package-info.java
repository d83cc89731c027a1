/** The layout of a Hugging Face dataset folder. */
package dev.whetstone.datasets.layout;
