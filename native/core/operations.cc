#include "core/operations.h"

#include "core/operations_list.h"

namespace ocirt {
namespace {

#define OCIRT_ROW(name, ...)                   \
  Operation {                                  \
#name, op::name __VA_OPT__(, ) __VA_ARGS__ \
  }

constexpr Operation kOperations[] = {
    OCIRT_ROW(readFiles),
    OCIRT_ROW(writeFiles),
    OCIRT_ROW(replaceFile),
    OCIRT_ROW(status, "dev ino mtimeNs"),
    OCIRT_ROW(readDirectory),
    OCIRT_ROW(readLink),
    OCIRT_ROW(realPath),
    OCIRT_ROW(makeDirectory),
    OCIRT_ROW(removeDirectory),
    OCIRT_ROW(removeFile),
    OCIRT_ROW(removeTree),
    OCIRT_ROW(rename),
    OCIRT_ROW(changeOwner),
    OCIRT_ROW(makeNode),
    OCIRT_ROW(folderAttributes),
    OCIRT_ROW(makeFile),
    OCIRT_ROW(setAttributes),
    OCIRT_ROW(clearExtendedAttributes),
    OCIRT_ROW(open),
    OCIRT_ROW(close),
    OCIRT_ROW(read),
    OCIRT_ROW(write),
    OCIRT_ROW(lock),
    OCIRT_ROW(decodeText),
    OCIRT_ROW(isTerminal),
    OCIRT_ROW(cloneTrees),
    OCIRT_ROW(userNamespace),
    OCIRT_ROW(mapTree),
    OCIRT_ROW(reconfigure),

    OCIRT_ROW(networkLinks),
    OCIRT_ROW(networkAddresses),
    OCIRT_ROW(moveNetworkLink),
    OCIRT_ROW(addNetworkAddress),
    OCIRT_ROW(raiseNetworkLink),

    OCIRT_ROW(identity, "effectiveCaps permittedCaps boundingCaps"),
    OCIRT_ROW(environment),
    OCIRT_ROW(workingDirectory),
    OCIRT_ROW(clock, "realtimeNs monotonicNs"),
    OCIRT_ROW(system),
    OCIRT_ROW(installDirectory),
    OCIRT_ROW(setSubreaper),
    OCIRT_ROW(become),
    OCIRT_ROW(exit),

    OCIRT_ROW(spawn),
    OCIRT_ROW(runProgram),
    OCIRT_ROW(kill),
    OCIRT_ROW(openPidfd),
    OCIRT_ROW(foreignNamespaces),
    OCIRT_ROW(signalPidfd),
    OCIRT_ROW(awaitPidfd),
    OCIRT_ROW(waitChild),
    OCIRT_ROW(awaitExit),
    OCIRT_ROW(setLimits),
    OCIRT_ROW(killAll),
    OCIRT_ROW(sleep),
    OCIRT_ROW(eventDescriptor),
    OCIRT_ROW(awaitDescriptors),

    OCIRT_ROW(channelSend),
    OCIRT_ROW(channelReceive),
    OCIRT_ROW(listenUnix),
    OCIRT_ROW(connectUnix),
    OCIRT_ROW(socketPair),
    OCIRT_ROW(receiveFd),
    OCIRT_ROW(sendFd),
    OCIRT_ROW(sendBytes),
    OCIRT_ROW(sendDatagram),
    OCIRT_ROW(listenDatagrams),
    OCIRT_ROW(receiveBytes),
    OCIRT_ROW(packetPair),
    OCIRT_ROW(receivePacket),

    OCIRT_ROW(windowSize),
    OCIRT_ROW(setWindowSize),
    OCIRT_ROW(superviseForeground),
    OCIRT_ROW(blockSignals),
    OCIRT_ROW(signalDescriptor),
    OCIRT_ROW(terminalKeys),
    OCIRT_ROW(restoreTerminal),

    OCIRT_ROW(buildSeccomp),
    OCIRT_ROW(seccompVersion),
    OCIRT_ROW(seccompSupport),
    OCIRT_ROW(systemCalls),
    OCIRT_ROW(attachDeviceProgram),
    OCIRT_ROW(stepNames),
};

#undef OCIRT_ROW

}  // namespace

std::span<const Operation> operations() {
  return kOperations;
}

Result<std::string> c_string(const Value& value, std::string_view syscall) {
  const std::string& text = value.as_string();
  if (text.find('\0') != std::string::npos) {
    return make_error(syscall, EINVAL, text.substr(0, text.find('\0')), "NUL in a string");
  }
  return text;
}

}  // namespace ocirt
