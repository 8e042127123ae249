package io.mlflowexporter.demo.store;

/** A request the simulated server refuses, with the code and the wording the real server uses. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String errorCode;

    private ApiException(int status, String errorCode, String message) {
        super(message);
        this.status = status;
        this.errorCode = errorCode;
    }

    public static ApiException invalid(String message) {
        return new ApiException(400, "INVALID_PARAMETER_VALUE", message);
    }

    public static ApiException missing(String message) {
        return new ApiException(404, "RESOURCE_DOES_NOT_EXIST", message);
    }

    static ApiException exists(String message) {
        return new ApiException(400, "RESOURCE_ALREADY_EXISTS", message);
    }

    static ApiException state(String message) {
        return new ApiException(500, "INVALID_STATE", message);
    }

    public static ApiException disabled(String message) {
        return new ApiException(500, "FEATURE_DISABLED", message);
    }

    public static ApiException internal(String message) {
        return new ApiException(500, "INTERNAL_ERROR", message);
    }

    public int status() {
        return status;
    }

    public String errorCode() {
        return errorCode;
    }

    /** The classification that servers since 3.x send along. */
    public String errorClass() {
        return switch (errorCode) {
            case "RESOURCE_DOES_NOT_EXIST" -> "RESOURCE_NOT_FOUND";
            case "INTERNAL_ERROR" -> "CLIENT_INTERNAL_ERROR";
            default -> errorCode;
        };
    }

    /** The SQL state that servers since 3.x send along. */
    public String sqlState() {
        return errorCode.equals("INTERNAL_ERROR") ? "XXM00" : "KAM00";
    }
}
