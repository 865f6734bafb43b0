import Testing
import Transparency

/// The tree of RFC 6962 and its proofs.
@Suite struct MerkleTreeTests {
  /// The entries and roots that the implementations of RFC 6962 are tested with.
  private static let entries = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
  ].map(bytes)
  private static let roots = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ].map(bytes)

  /// A tree whose subtrees are computed from its leaves.
  private struct Tree {
    let leaves: [[UInt8]]

    func subtree(_ level: Int, _ number: UInt64) -> [UInt8] {
      let start = Int(number) << level
      var frontier = MerkleFrontier()
      for leaf in leaves[start..<(start + 1 << level)] { frontier.append(leaf: leaf) }
      return frontier.root
    }

    func root(_ size: Int) -> [UInt8] { MerkleTree.root(size: UInt64(size), subtree) }

    func inclusion(_ index: Int, _ size: Int) -> [[UInt8]] {
      MerkleTree.inclusionProof(of: UInt64(index), size: UInt64(size), subtree)
    }

    func consistency(_ first: Int, _ size: Int) -> [[UInt8]] {
      MerkleTree.consistencyProof(from: UInt64(first), to: UInt64(size), subtree)
    }
  }

  private static let tree = Tree(leaves: (0..<40).map { MerkleTree.leaf([UInt8($0), 7]) })

  @Test func `the roots are those of other implementations`() {
    var frontier = MerkleFrontier()
    #expect(frontier.root == Self.roots[0])
    for (entry, root) in zip(Self.entries, Self.roots.dropFirst()) {
      frontier.append(leaf: MerkleTree.leaf(entry))
      #expect(frontier.root == root)
    }
    let tree = Tree(leaves: Self.entries.map(MerkleTree.leaf))
    for size in 0...8 { #expect(tree.root(size) == Self.roots[size]) }
  }

  @Test func `a frontier tells of the subtrees that it completes`() {
    var frontier = MerkleFrontier()
    var nodes: [MerkleFrontier.Node] = []
    for leaf in Self.tree.leaves { frontier.append(leaf: leaf, leastLevel: 2) { nodes.append($0) } }
    #expect(nodes.map(\.level) == [2, 2, 3, 2, 2, 3, 4, 2, 2, 3, 2, 2, 3, 4, 5, 2, 2, 3])
    for node in nodes { #expect(node.hash == Self.tree.subtree(node.level, node.number)) }
    let peaks = MerkleFrontier(size: 40, peaks: [Self.tree.subtree(5, 0), Self.tree.subtree(3, 4)])
    #expect(peaks == frontier)
  }

  @Test func `every entry is proven in every tree and nothing else is`() {
    for size in 1...40 {
      let root = Self.tree.root(size)
      for index in 0..<size {
        let proof = Self.tree.inclusion(index, size)
        func holds(_ proof: [[UInt8]], at index: Int, size: Int = size, leaf: [UInt8]? = nil) -> Bool {
          MerkleTree.holds(
            inclusion: proof, of: leaf ?? Self.tree.leaves[index], at: UInt64(index), size: UInt64(size), root: root)
        }
        #expect(holds(proof, at: index))
        #expect(!holds(proof, at: index, leaf: MerkleTree.leaf([9])))
        #expect(!holds(proof + [root], at: index))
        #expect(!holds(proof, at: index, size: index))
        if !proof.isEmpty { #expect(!holds(Array(proof.dropLast()), at: index)) }
        if let other = (0..<size).first(where: { $0 != index }) {
          #expect(
            !MerkleTree.holds(
              inclusion: proof, of: Self.tree.leaves[index], at: UInt64(other), size: UInt64(size), root: root))
        }
        for place in proof.indices {
          var changed = proof
          changed[place][0] ^= 1
          #expect(!holds(changed, at: index))
        }
      }
    }
  }

  @Test func `every tree continues every smaller one and no other`() {
    var other = Self.tree.leaves
    other[0] = MerkleTree.leaf([0])
    let forged = Tree(leaves: other)
    for size in 1...40 {
      for first in 1...size {
        let proof = Self.tree.consistency(first, size)
        func holds(_ proof: [[UInt8]], from root: [UInt8], to second: [UInt8]) -> Bool {
          MerkleTree.holds(consistency: proof, from: UInt64(first), root, to: UInt64(size), second)
        }
        let (before, after) = (Self.tree.root(first), Self.tree.root(size))
        #expect(holds(proof, from: before, to: after))
        #expect(!holds(proof, from: forged.root(first), to: after))
        #expect(!holds(proof, from: before, to: forged.root(size)))
        #expect(!holds(forged.consistency(first, size), from: before, to: forged.root(size)))
        #expect(!holds(proof + [after], from: before, to: after))
      }
      #expect(!MerkleTree.holds(consistency: [], from: UInt64(size + 1), Self.tree.root(size), to: UInt64(size), []))
    }
    #expect(MerkleTree.holds(consistency: [], from: 0, MerkleTree.emptyRoot, to: 5, Self.tree.root(5)))
    #expect(!MerkleTree.holds(consistency: [], from: 0, Self.tree.root(1), to: 5, Self.tree.root(5)))
  }

  private static func bytes(_ text: String) -> [UInt8] {
    stride(from: 0, to: text.count, by: 2).compactMap { start in
      UInt8(text.dropFirst(start).prefix(2), radix: 16)
    }
  }
}
