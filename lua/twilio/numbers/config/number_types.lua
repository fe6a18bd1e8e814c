--- The types of numbers that can be searched for, by the names of this library.
return {
  ["local"] = true,
  toll_free = true,
  mobile = true,
  national = true,
  voip = true,
  shared_cost = true,
  machine_to_machine = true,
}
