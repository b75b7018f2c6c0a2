package dev.credence.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Devices;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The workloads compute what they say they compute, on small sizes or few steps. */
class SuiteTest {
  @ParameterizedTest
  @ValueSource(strings = {"W1:4099", "W2:4099", "W3:4099", "W5:2", "W6", "W8:3", "W10"})
  void isRight(String id) {
    try (Workload workload = Suite.workload(id, Cpu.device())) {
      assertFalse(workload.verify().isEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"W1:1000", "W2:1000", "W3:1000", "W10"})
  void isRightOnTheReference(String id) {
    try (Workload workload = Suite.workload(id, Devices.get("reference"))) {
      assertFalse(workload.verify().isEmpty());
    }
  }

  @Test
  void productsAreRight() {
    for (Product shape :
        List.of(
            new Product(7, 5, 3, "NN", ""),
            new Product(7, 5, 3, "NT", ""),
            new Product(7, 5, 3, "TN", ""))) {
      assertEquals(shape, Product.parse(shape.id().substring("product:".length())));
      try (Workload product = new OwnProduct(Cpu.device(), shape)) {
        assertEquals("right", product.verify());
      }
    }
  }

  @Test
  void aDrawAtATimeOrManyGiveOnePrediction() {
    String one;
    String three;
    try (Workload w = W8BnnPredict.on(Cpu.device(), 3, 1)) {
      one = w.verify();
    }
    try (Workload w = W8BnnPredict.on(Cpu.device(), 3, 3)) {
      three = w.verify();
    }
    assertEquals(one, three);
  }

  @Test
  void everyWorkloadHasAFloor() {
    Ceilings machine = new Ceilings(50e9, 400e9, 1e9, 2e9);
    for (Suite.Entry entry : Suite.ALL) {
      double floor = entry.envelope().floor(machine);
      assertTrue(floor > 0 && floor < 1, entry.id() + " " + floor);
    }
    assertNull(Suite.open("W11", Cpu.device()));
  }

  @Test
  void wrongResultsAreRefused() {
    assertThrows(WrongResultException.class, () -> Check.near("the KL", 1.1, 1, 1e-3));
    assertThrows(WrongResultException.class, () -> Check.goesDown(() -> 1));
    assertThrows(
        WrongResultException.class,
        () -> Check.predictive(new float[] {0.5f, 0.4f}, new float[] {0.7f}));
  }
}
