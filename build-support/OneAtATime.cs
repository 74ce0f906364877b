// LibTorch's generator, its threads and its count of tensors are the process's: tests side by side would draw from each other's seeds.
// `mosar test` runs two projects at a time instead.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
